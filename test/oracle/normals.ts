/** Normally distributed numbers from a seed, by Box and Muller on a linear congruence. */
export function normals(count: number, seed: number): number[] {
  let state = (seed * 7919 + 17) % 2147483647;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let i = 0; i < 10; i++) uniform();
  return Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
