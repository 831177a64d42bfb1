// Convolution of one image with one kernel, as a neural network has it (a cross-correlation).
(globalThis.arithmetic ??= {}).convolution = (() => {
  /** The image with a border of zeros. */
  const padded = (image, border) => {
    const wide = image[0].length + 2 * border;
    const blank = () => Array.from({ length: border }, () => Array(wide).fill(0));
    const edge = Array(border).fill(0);
    return [...blank(), ...image.map((row) => [...edge, ...row, ...edge]), ...blank()];
  };

  /** The products of the kernel with the window at row i, column j of the output. */
  const products = (image, kernel, stride, padding, i, j) => {
    const pixels = padded(image, padding);
    return kernel.map((row, p) => row.map((w, q) => w * pixels[i * stride + p][j * stride + q]));
  };

  /** The whole output. */
  const conv2d = (image, kernel, stride, padding) => {
    const size = (n, k) => Math.floor((n + 2 * padding - k) / stride) + 1;
    return Array.from({ length: size(image.length, kernel.length) }, (_, i) =>
      Array.from({ length: size(image[0].length, kernel[0].length) }, (_, j) =>
        products(image, kernel, stride, padding, i, j).flat().reduce((sum, one) => sum + one, 0)));
  };
  return { padded, products, conv2d };
})();
