// <figure-convolution>: a kernel that steps over an image.
{
  const { padded, products, conv2d } = arithmetic.convolution;
  const KERNELS = {
    vertical: [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    horizontal: [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    blur: [[1, 1, 1], [1, 1, 1], [1, 1, 1]].map((row) => row.map((one) => one / 9)),
    sharpen: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    copy: [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
  };
  const DIGITS = Object.keys(figureData.convolution).map((digit) => [digit, digit]);
  const entry = (value) => (Number.isInteger(value) ? number(value, 0) : number(value, 1));

  customElements.define("figure-convolution", class extends InteractiveFigure {
    static controls = [
      { name: "digit", label: "digit", value: "3", options: DIGITS },
      { name: "kernel", label: "kernel", value: "vertical", options: [["vertical", "vertical edges"],
        ["horizontal", "horizontal edges"], ["blur", "blur"], ["sharpen", "sharpen"], ["copy", "copy"]] },
      { name: "position", label: "position", min: 0, max: 63, step: 1, value: 14 },
      { name: "stride", label: "stride", min: 1, max: 2, step: 1, value: 1 },
      { name: "padding", label: "padding", min: 0, max: 1, step: 1, value: 0 },
    ];

    build(stage) {
      this.drawing = svg("svg", { viewBox: "0 0 400 384", role: "img", "aria-label": this.getAttribute("alt") });
      stage.append(this.drawing);
      const go = (by) => this.update({ position: Math.max(0, Math.min(this.last, this.values.position + by)) });
      this.addButtons({ Back: () => go(-1), Step: () => go(1), "All of it": () => go(Infinity) });
    }

    changed() {
      this.restored();
    }

    restored() {
      const { digit, kernel, stride, padding } = this.values;
      this.image = figureData.convolution[digit];
      this.given = [this.image, KERNELS[kernel], stride, padding];
      this.output = conv2d(...this.given);
      this.last = this.output.length * this.output[0].length - 1;
      this.values.position = Math.min(Math.round(this.values.position), this.last);
      this.inputs.position.input.max = this.last;
      this.inputs.position.words = (position) => `${position + 1} of ${this.last + 1}`;
    }

    get place() {
      const columns = this.output[0].length, { position } = this.values;
      return [Math.floor(position / columns), position % columns];
    }

    /** A table of numbers as shaded cells, with the numbers in them where there is room. */
    grid(values, left, top, size, most, written = false) {
      const group = svg("g");
      values.forEach((row, i) => row.forEach((value, j) => {
        const at = { x: left + j * size, y: top + i * size, width: size, height: size };
        if (value !== null) {
          const sign = most.signed ? (value < 0 ? "cell negative" : "cell positive") : "cell";
          const strength = Math.min(1, Math.abs(value) / most.value);
          group.append(svg("rect", { ...at, class: sign, "fill-opacity": (written ? 0.4 : 0.85) * strength }));
          if (written) group.append(svg("text", { x: at.x + size / 2, y: at.y + size / 2 + 5 }, entry(value)));
        }
        group.append(svg("rect", { ...at, class: "cell-frame" }));
      }));
      return group;
    }

    draw() {
      const [image, kernel, stride, padding] = this.given, [i, j] = this.place;
      const pixels = padded(image, padding), { position } = this.values;
      const columns = this.output[0].length, size = 20;
      const ink = { value: 16 }, most = this.output.flat().reduce((one, v) => Math.max(one, Math.abs(v)), 1e-9);
      const shown = this.output.map((row, p) =>
        row.map((value, q) => (p * columns + q <= position ? value : null)));
      const text = (x, y, words) => svg("text", { x, y }, words);
      const frame = (x, y, side) => svg("rect", { x, y, width: side, height: side, class: "cell-frame now" });
      const window = kernel.map((row, p) => row.map((_, q) => pixels[i * stride + p][j * stride + q]));
      const terms = products(...this.given, i, j), left = 10 + (1 - padding) * size, top = left + 14;
      const weights = kernel.flat().reduce((one, w) => Math.max(one, Math.abs(w)), 0);
      this.drawing.replaceChildren(
        text(110, 14, padding ? "image and its border" : "image"), text(318, 14, "output so far"),
        this.grid(pixels, left, top, size, ink),
        frame(left + j * stride * size, top + i * stride * size, 3 * size),
        this.grid(shown, 238, 44, size, { value: most, signed: true }),
        frame(238 + j * size, 44 + i * size, size),
        text(62, 256, "window"), text(200, 256, "kernel"), text(338, 256, "products"),
        this.grid(window, 5, 264, 38, ink, true), text(131, 326, "×"),
        this.grid(kernel, 143, 264, 38, { value: weights, signed: true }, true), text(269, 326, "="),
        this.grid(terms, 281, 264, 38, { value: 16 * weights, signed: true }, true),
      );
    }

    describe() {
      const [i, j] = this.place, terms = products(...this.given, i, j).flat();
      const sum = terms.filter((term) => term !== 0).map(entry).join(" + ").replaceAll("+ −", "− ");
      const total = sum.includes(" ") ? ` = ${entry(this.output[i][j])}` : "";
      return `Row ${i + 1}, column ${j + 1} of the output: ${sum || "0"}${total}.`;
    }
  });
}
