// Lines of a machine's two logs as people read them: Talos writes its own into the kernel's as well, and once is enough.

/** "user: warning: [2026-11-21T04:05:12Z]: [talos] …": a line of the kernel's that Talos wrote. */
const FROM_KERNEL = /^[a-z]+: +[a-z]+: \[[^\]]*\]: \[talos\] /;
/** "2026/11/21 04:05:12.123456 [talos] …": the same line in machined's own log. */
const FROM_MACHINED = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\[talos\] )?/;

/** Without the kernel's copy of what machined's log says too; in the order they came. */
export function withoutCopies(lines: readonly string[]): readonly string[] {
  const own = new Set(
    lines.filter((line) => !FROM_KERNEL.test(line)).map((line) => line.replace(FROM_MACHINED, '')),
  );
  return lines.filter((line) => !FROM_KERNEL.test(line) || !own.has(line.replace(FROM_KERNEL, '')));
}
