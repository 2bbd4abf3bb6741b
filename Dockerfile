# The bot without a build step: sources, production packages, and the Node that package.json pins for development.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the Node binaries for machines without one; no package needs its install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# One arena of the C library's allocator: with one per thread, what copies of etcd leave behind adds up (docs/measured.md). What is
# large is given back when it is freed: by itself the allocator raises the threshold for that to 32 MB.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=16384
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
# Nothing listens unless PROBE_PORT is set. Nothing is written but snapshots of etcd where archive.folder names a volume. Health shows in the log and in the exit code, and where PROBE_PORT is set at /healthz and /readyz.
USER node
# An exec form: signals must reach the bot, which gives its rollouts away and waits for calls in flight (15 s; give it 30, as Kubernetes does).
STOPSIGNAL SIGTERM
# The young heap stays small: otherwise what a large cluster answers waits in it for 100 MB more (docs/measured.md).
# And the old one grows by a fifth before it is collected: by itself it waits for 300 MB, whatever lives in it.
ENTRYPOINT ["node", "--disable-warning=DEP0123", "--max-semi-space-size=4", "--initial-old-space-size=64", "--heap-growing-percent=20", "src/main.ts"]
# --role bot, or --role worker: one half of it alone.
CMD []
