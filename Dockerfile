# The bot without a build step: sources, production packages, and the Node that package.json pins for development.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are the Node binaries for machines without one; no package needs its install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# One arena of the C library's allocator: with one per thread, what copies of etcd leave behind adds up (docs/measured.md).
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
# Nothing listens: there is no port. Nothing is written but snapshots of etcd where archive.folder names a volume. Health shows in the log and in the exit code, not in an address.
USER node
# An exec form: signals must reach the bot, which then waits for calls in flight (10 s; give it 15).
STOPSIGNAL SIGTERM
# The young heap stays small: otherwise what a large cluster answers waits in it for 100 MB more (docs/measured.md).
CMD ["node", "--disable-warning=DEP0123", "--max-semi-space-size=4", "src/main.ts"]
