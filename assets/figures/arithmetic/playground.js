// A small multilayer perceptron with one output, trained by Adam on all points at once.
// A network is a list of layers {W, b}: W one row per neuron, b one number per neuron.
(globalThis.arithmetic ??= {}).playground = (() => {
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  /** The value of an activation function, and its slope from that value. */
  const activations = {
    tanh: { value: Math.tanh, slope: (a) => 1 - a * a },
    relu: { value: (z) => Math.max(z, 0), slope: (a) => (a > 0 ? 1 : 0) },
    sigmoid: { value: sigmoid, slope: (a) => a * (1 - a) },
  };
  const affine = ({ W, b }, x) =>
    W.map((row, j) => row.reduce((sum, w, k) => sum + w * x[k], b[j]));

  /** What every layer returns for one point: hidden units, and last the logit. */
  const forward = (network, activation, x) => {
    const f = activations[activation].value, outputs = [];
    network.forEach((layer, l) => {
      const z = affine(layer, outputs.at(-1) ?? x);
      outputs.push(l < network.length - 1 ? z.map(f) : z);
    });
    return outputs;
  };

  /** Mean binary cross-entropy of the logits over all points, and its gradients. */
  const gradients = (network, activation, X, t) => {
    const { slope } = activations[activation];
    const sums = network.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
    let loss = 0;
    X.forEach((x, i) => {
      const outputs = forward(network, activation, x), [z] = outputs.at(-1);
      loss += (Math.max(z, 0) - z * t[i] + Math.log1p(Math.exp(-Math.abs(z)))) / X.length;
      let dz = [(sigmoid(z) - t[i]) / X.length];
      for (let l = network.length - 1; l >= 0; l--) {
        const before = l ? outputs[l - 1] : x;
        dz.forEach((g, j) => {
          sums[l].b[j] += g;
          before.forEach((a, k) => { sums[l].W[j][k] += g * a; });
        });
        dz = before.map((a, k) =>
          slope(a) * dz.reduce((sum, g, j) => sum + g * network[l].W[j][k], 0));
      }
    });
    return { loss, gradients: sums };
  };

  /** The length of the gradient of each layer, weights and biases together. */
  const norms = (sums) => sums.map(({ W, b }) => Math.hypot(...W.flat(), ...b));

  const zeros = (network) => gradients(network, "tanh", [], []).gradients;

  /** `count` more steps of Adam for a run {network}, which is changed and remembers its means. */
  const train = (run, activation, X, t, lr, count) => {
    const { network } = run;
    run.means ??= zeros(network);
    run.squares ??= zeros(network);
    run.steps ??= 0;
    const history = [];
    for (let i = 0; i < count; i++) {
      const found = gradients(network, activation, X, t);
      history.push({ loss: found.loss, norms: norms(found.gradients) });
      run.steps += 1;
      const bias1 = 1 - 0.9 ** run.steps, bias2 = 1 - 0.999 ** run.steps;
      const update = (row, g, m, v) => g.forEach((slope, k) => {
        m[k] = 0.9 * m[k] + 0.1 * slope;
        v[k] = 0.999 * v[k] + 0.001 * slope * slope;
        row[k] -= (lr * m[k]) / bias1 / (Math.sqrt(v[k] / bias2) + 1e-8);
      });
      network.forEach(({ W, b }, l) => {
        const g = found.gradients[l], m = run.means[l], v = run.squares[l];
        W.forEach((row, j) => update(row, g.W[j], m.W[j], v.W[j]));
        update(b, g.b, m.b, v.b);
      });
    }
    return { network, history };
  };
  return { forward, gradients, norms, train };
})();
