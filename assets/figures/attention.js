// <figure-attention>: what the heads of a small trained Transformer look at.
{
  const COLUMNS = 12, LEFT = 20, STEP = 30, CELL = 22;
  const data = figureData.attention;

  customElements.define("figure-attention", class extends InteractiveFigure {
    static controls = [
      { name: "task", label: "task", value: "reverse", options: [["reverse", "reverse the letters"],
        ["sort", "sort the letters"]] },
      { name: "position", label: "position", min: 1, max: COLUMNS, step: 1, value: 7 },
      { name: "head", label: "head", min: 1, max: 2, step: 1, value: 1 },
      { name: "example", label: "sequence", min: 1, max: data.sort.examples.length, step: 1, value: 1 },
    ];

    build(stage) {
      this.drawing = svg("svg", { viewBox: "0 0 400 396", role: "img", "aria-label": this.getAttribute("alt") });
      stage.append(this.drawing);
      const go = (by) => this.update({
        position: Math.max(1, Math.min(COLUMNS, this.values.position + by)),
      });
      this.addButtons({ Back: () => go(-1), Step: () => go(1) });
    }

    get example() {
      const { task, head, example, position } = this.values;
      const { tokens, answers, maps } = data[task].examples[example - 1];
      return { tokens, answers, map: maps[head - 1], row: maps[head - 1][position - 1] };
    }

    draw() {
      const { position } = this.values, { tokens, answers, map, row } = this.example;
      const text = (x, y, words, name = "") => svg("text", { x, y, class: name }, words);
      const cell = (x, y, side, share) => svg("rect", { x, y, width: side, height: side,
        class: "cell share", "fill-opacity": (0.85 * share) / 100 });
      const parts = [];
      [...tokens].forEach((token, i) => {
        const x = LEFT + i * STEP;
        if (i < position) parts.push(cell(x, 20, STEP, 0.7 * row[i]));
        parts.push(svg("rect", { x, y: 20, width: STEP, height: STEP, class: "token" }));
        parts.push(text(x + STEP / 2, 40, token));
        if (i < position && row[i] >= 5) parts.push(text(x + STEP / 2, 66, `${row[i]}%`, "percent"));
      });
      const asks = LEFT + (position - 1) * STEP;
      parts.push(svg("rect", { x: asks, y: 20, width: STEP, height: STEP, class: "token now" }));
      if (position > 6) parts.push(text(asks + STEP / 2, 13, `→ ${answers[position - 1]}`));

      const left = 90, top = 122;
      parts.push(text(left + (COLUMNS * CELL) / 2, top - 26, "who is looked at"));
      parts.push(svg("text", { transform: `translate(52 ${top + (COLUMNS * CELL) / 2}) rotate(-90)` }, "who looks"));
      map.forEach((shares, i) => {
        parts.push(text(left - 12, top + i * CELL + 16, tokens[i]));
        parts.push(text(left + i * CELL + CELL / 2, top - 7, tokens[i]));
        shares.forEach((share, j) => parts.push(cell(left + j * CELL, top + i * CELL, CELL, share)));
      });
      parts.push(svg("rect", { x: left, y: top, width: COLUMNS * CELL, height: COLUMNS * CELL, class: "token" }));
      parts.push(svg("rect", { x: left, y: top + (position - 1) * CELL, width: position * CELL,
        height: CELL, class: "token now" }));
      this.drawing.replaceChildren(...parts);
    }

    describe() {
      const { task, position, head } = this.values, { tokens, answers, row } = this.example;
      const seen = row.map((share, i) => [share, i]).filter(([share]) => share >= 10)
        .sort(([one], [other]) => other - one).slice(0, 3)
        .map(([share, i]) => `${tokens[i]} at ${i + 1} (${share}%)`);
      const said = `Head ${head} at position ${position}, ${tokens[position - 1]}, looks at ${seen.join(", ")}.`;
      if (position < 7) return `${said} Before the mark no letter can be known.`;
      const right = `${short(100 * data[task].right)}% of the letters of 1,000 new sequences`;
      return `${said} The model says that ${answers[position - 1]} comes next; it knows ${right}.`;
    }
  });
}
