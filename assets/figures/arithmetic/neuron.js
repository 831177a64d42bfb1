// A neuron with one input, without a drawing: a = f(w x + b).
(globalThis.arithmetic ??= {}).neuron = (() => {
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const f = {
    sigmoid,
    tanh: Math.tanh,
    relu: (z) => Math.max(z, 0),
    silu: (z) => z * sigmoid(z),
  };
  const slope = {
    sigmoid: (z) => sigmoid(z) * (1 - sigmoid(z)),
    tanh: (z) => 1 - Math.tanh(z) ** 2,
    relu: (z) => (z > 0 ? 1 : 0),
    silu: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
  };
  return {
    /** a = f(w x + b). */
    response: (activation, w, b, x) => f[activation](w * x + b),
    /** da/dx = w f'(w x + b). */
    responseSlope: (activation, w, b, x) => w * slope[activation](w * x + b),
    /** The input at which the score w x + b is zero; w is not. */
    threshold: (w, b) => -b / w,
  };
})();
