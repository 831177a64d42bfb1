// Gradient descent and its relatives on surfaces of two parameters.
(globalThis.arithmetic ??= {}).optimizers = (() => {
  /** Each surface: its height at (u, v), and its gradient; the least height is 0. */
  const surfaces = {
    valley: {
      value: (u, v) => 0.5 * u * u + 10 * v * v,
      gradient: (u, v) => [u, 20 * v],
    },
    rosenbrock: {
      value: (u, v) => (1 - u) ** 2 + 10 * (v - u * u) ** 2,
      gradient: (u, v) => [-2 * (1 - u) - 40 * u * (v - u * u), 20 * (v - u * u)],
    },
    saddle: {
      value: (u, v) => 0.5 * u * u + 0.25 * (v * v - 1) ** 2,
      gradient: (u, v) => [u, v * (v * v - 1)],
    },
  };

  /** One step for one parameter with gradient g at time t ≥ 1; `memory` starts as {m: 0, s: 0}. */
  const rules = {
    sgd: (g) => g,
    momentum: (g, memory) => (memory.m = 0.9 * memory.m + g),
    rmsprop: (g, memory) => {
      memory.s = 0.99 * memory.s + 0.01 * g * g;
      return g / (Math.sqrt(memory.s) + 1e-8);
    },
    adam: (g, memory, t) => {
      memory.m = 0.9 * memory.m + 0.1 * g;
      memory.s = 0.999 * memory.s + 0.001 * g * g;
      return memory.m / (1 - 0.9 ** t) / (Math.sqrt(memory.s / (1 - 0.999 ** t)) + 1e-8);
    },
  };

  const height = (surface, point) => surfaces[surface].value(...point);
  const gradient = (surface, point) => surfaces[surface].gradient(...point);

  /** The points that an optimizer visits from `start` on, `start` included. */
  const race = (optimizer, surface, start, lr, count) => {
    const memories = start.map(() => ({ m: 0, s: 0 })), visited = [start];
    for (let t = 1; t <= count; t++) {
      const point = visited.at(-1), g = gradient(surface, point);
      visited.push(point.map((w, i) => w - lr * rules[optimizer](g[i], memories[i], t)));
    }
    return visited;
  };
  return { surfaces, height, gradient, race };
})();
