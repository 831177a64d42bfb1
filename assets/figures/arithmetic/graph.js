// A small computation graph, without a drawing: values forward, gradients backward.
(globalThis.arithmetic ??= {}).graph = (() => {
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  /** Each operation: its value, and the slope of that value for each input. */
  const operations = {
    add: { value: (a, b) => a + b, slopes: () => [1, 1] },
    subtract: { value: (a, b) => a - b, slopes: () => [1, -1] },
    multiply: { value: (a, b) => a * b, slopes: (a, b) => [b, a] },
    square: { value: (a) => a * a, slopes: (a) => [2 * a] },
    sigmoid: { value: sigmoid, slopes: (z) => [sigmoid(z) * (1 - sigmoid(z))] },
    relu: { value: (z) => Math.max(z, 0), slopes: (z) => [z > 0 ? 1 : 0] },
  };
  const neuron = (...middle) => [
    ["p", "multiply", "w", "x"],
    ["z", "add", "p", "b"],
    ["a", ...middle],
    ["e", "subtract", "a", "t"],
    ["L", "square", "e"],
  ];
  /** Programs: [name, operation, inputs …] in the order of computation; the last is the result. */
  const programs = {
    worked: [["b", "multiply", "a", "a"], ["c", "add", "b", "a"], ["d", "multiply", "b", "c"]],
    sigmoid: neuron("sigmoid", "z"),
    relu: neuron("relu", "z"),
    shared: neuron("multiply", "w", "z"),
  };
  const result = (name) => programs[name].at(-1)[0];

  /** The value of every node. */
  const values = (name, leaves) => {
    const known = { ...leaves };
    for (const [node, operation, ...inputs] of programs[name]) {
      known[node] = operations[operation].value(...inputs.map((input) => known[input]));
    }
    return known;
  };

  /** What every node sends to its inputs on the way back, in the order of sending. */
  const messages = (name, leaves) => {
    const known = values(name, leaves), gradient = { [result(name)]: 1 }, sent = [];
    for (const [from, operation, ...inputs] of [...programs[name]].reverse()) {
      const slopes = operations[operation].slopes(...inputs.map((input) => known[input]));
      inputs.forEach((to, i) => {
        const amount = gradient[from] * slopes[i];
        gradient[to] = (gradient[to] ?? 0) + amount;
        sent.push({ from, to, slope: slopes[i], amount });
      });
    }
    return sent;
  };

  /** The slope of the result for every node, as far as the first `count` messages have brought it. */
  const gradients = (name, leaves, count = Infinity) => {
    const sum = { [result(name)]: 1 };
    for (const { to, amount } of messages(name, leaves).slice(0, count)) {
      sum[to] = (sum[to] ?? 0) + amount;
    }
    return sum;
  };
  return { programs, values, messages, gradients };
})();
