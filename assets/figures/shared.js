// What every interactive figure shares: controls, the state in the address, words for those who
// listen, the theme, and a helper for SVG.
//
// Classic scripts, not modules: browsers refuse modules to a page that was opened from a folder.
// A figure is a class that extends InteractiveFigure and has
//   static controls   what can be set: sliders, choices, and state without a control of its own
//   build(stage)      make the drawing, once
//   draw()            bring the drawing up to date with this.values
//   describe()        the same in words, a sentence or two

/** An SVG element: svg("circle", {r: 5, class: "ink"}, child, "text"). */
const svg = (name, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** An HTML element with properties: html("button", {type: "button"}, "Step"). */
const html = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

/** A number for a reader: with a minus sign, and no minus before zero. */
const number = (value, digits = 2) =>
  value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

/** A power of ten for a reader: 0.01, 10⁻⁴. */
const power = (exponent) => {
  if (Math.abs(exponent) < 4) return String(10 ** exponent);
  const raised = [...String(+exponent)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  return `10${raised.join("")}`;
};

/** A number of any size for a reader: about 3 significant digits, no zeros at the end. */
const short = (value) => {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "not a number";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) {
    const [digits, exponent] = value.toExponential(1).split("e");
    return `${digits.replace("-", "−")}·${power(exponent)}`;
  }
  const digits = number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
};

/** The path through points [x, y]. */
const path = (points) =>
  points.length ? "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L") : "";

/** Curves over steps on a logarithmic scale; where they end their names stand, if they have any. */
class Chart {
  constructor(title, steps, classes) {
    this.axes = svg("g", { class: "axes" });
    this.lines = classes.map((name) => svg("path", { class: `line thin ${name}` }));
    this.names = svg("g");
    this.drawing = svg("svg", { viewBox: "0 0 240 122", role: "img", "aria-label": `${title} over the ${steps}` });
    Object.assign(this, { title, steps });
    this.drawing.append(this.axes, ...this.lines, this.names);
  }

  draw(curves, names = [], count = curves[0].length) {
    const LEFT = 44, RIGHT = 222, TOP = 22, BOTTOM = 100;
    const all = curves.flat().filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
    let low = Infinity, high = -Infinity;
    for (const value of all) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    low = all.length ? Math.floor(low) : -2;
    high = all.length ? Math.max(Math.ceil(high), low + 1) : 0;
    const last = Math.max(1, curves[0].length - 1);
    const up = (v) => BOTTOM - ((Math.log10(Math.max(v, 1e-12)) - low) / (high - low)) * (BOTTOM - TOP);
    const across = (i) => LEFT + (i / last) * (RIGHT - LEFT);
    const text = (x, y, words, anchor) => svg("text", { x, y, style: `text-anchor: ${anchor}` }, words);
    this.axes.replaceChildren(
      svg("path", { d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}` }),
      text(LEFT - 5, TOP + 8, power(high), "end"),
      text(LEFT - 5, BOTTOM, power(low), "end"),
      text(LEFT, 13, this.title, "start"),
      text(RIGHT, BOTTOM + 16, `${count} ${this.steps}`, "end"),
    );
    const stride = Math.ceil(curves[0].length / 200);
    this.lines.forEach((line, l) => {
      const points = (curves[l] ?? []).map((v, i) => [across(i), Math.min(BOTTOM, up(v))]);
      line.setAttribute("d", path(points.filter((_, i) => i % stride === 0 || i === points.length - 1)));
    });
    if (!names.length || !curves[0].length) return this.names.replaceChildren();
    // Names that would lie on each other are moved apart.
    let free = TOP - 20;
    this.names.replaceChildren(...curves.map((curve, l) => [Math.min(BOTTOM, up(curve.at(-1))), names[l]])
      .sort((one, other) => one[0] - other[0]).map(([y, name]) => {
        free = Math.max(y + 4, free + 12);
        return text(RIGHT + 4, free, String(name), "start");
      }));
  }
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const SECONDS_OF_SILENCE = 0.6; // a moving slider is not read out; where it stops is

class InteractiveFigure extends HTMLElement {
  connectedCallback() {
    if (this.stage) return; // moved within the page
    const fallback = html("div", { className: "figure-fallback" }, ...this.childNodes);
    this.stage = html("div", { className: "figure-stage" });
    this.panel = html("div", { className: "figure-panel" });
    this.readout = html("p", { className: "figure-readout", ariaHidden: "true" });
    this.status = html("p", { className: "figure-status" });
    this.status.setAttribute("role", "status");
    const live = html("div", { className: "figure-live" });
    live.append(this.stage, this.panel, this.readout, this.status);
    this.append(fallback, live);

    this.inputs = {};
    this.defaults = {};
    for (const control of this.constructor.controls) this.addControl(control);
    this.values = { ...this.defaults };
    this.build(this.stage);
    this.restore();
    this.panel.addEventListener("input", (event) => this.take(event.target));
    this.panel.addEventListener("change", (event) => event.target.name && this.remember());
    new MutationObserver(() => this.draw()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }

  // --- Controls ---

  /** A slider {name, label, min, max, step, value, words}, a choice {name, label, options, value},
      or state that buttons change {name, value}. Where it starts may stand in the markup. */
  addControl({ name, label, options, value, words = String, ...limits }) {
    const given = this.getAttribute(name);
    this.defaults[name] = given === null ? value : typeof value === "number" ? +given : given;
    if (!label) return;
    let input;
    if (options) {
      input = html("select", { name });
      for (const [key, text] of options) input.append(html("option", { value: key }, text));
    } else {
      input = html("input", { type: "range", name, ...limits });
    }
    input.setAttribute("aria-label", label); // without the number that stands beside it
    const shown = html("output");
    this.inputs[name] = { input, shown, words };
    const line = html("label", { className: options ? "figure-choice" : "figure-slider" });
    line.append(html("span", {}, label), input);
    if (!options) line.append(shown);
    this.panel.append(line);
  }

  /** A button that runs `advanceFrame()` again and again until that returns false, or a pause. With
      reduced motion the figure advances once for each press. */
  addRun(label) {
    const stop = () => {
      cancelAnimationFrame(this.frame);
      this.frame = 0;
      button.textContent = label;
    };
    const [button] = this.addButtons({
      [label]: () => {
        if (this.frame) {
          stop();
          return this.remember();
        }
        if (still.matches) {
          this.advanceFrame();
          return this.update();
        }
        button.textContent = "Pause";
        const frame = () => {
          const more = this.advanceFrame();
          this.refresh();
          if (more) {
            this.frame = requestAnimationFrame(frame);
          } else {
            stop();
            this.remember();
          }
        };
        this.frame = requestAnimationFrame(frame);
      },
    });
    button.dataset.runs = "";
    this.stop = stop;
  }

  stop() {}

  disconnectedCallback() {
    this.stop();
  }

  /** Red, green and blue of a color that the style sheet defines as #rrggbb. */
  color(name) {
    const text = getComputedStyle(this).getPropertyValue(name).trim();
    return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  }

  /** Buttons below the drawing: {Step: () => …}. Each may read this.values, set them and call update(). */
  addButtons(actions) {
    const made = Object.entries(actions).map(([label, action]) => {
      const button = html("button", { type: "button", className: "btn btn-sm" }, label);
      button.addEventListener("click", action);
      return button;
    });
    if (!this.buttons) this.stage.after((this.buttons = html("div", { className: "figure-buttons" })));
    this.buttons.append(...made);
    return made;
  }

  take({ name, value }) {
    if (!(name in this.values)) return;
    this.stop();
    this.values[name] = typeof this.defaults[name] === "number" ? +value : value;
    this.changed(name);
    this.refresh();
  }

  /** What else has to change when the control `name` was moved; a figure may have its own. */
  changed(name) {}

  /** Set values as a button or a link does, show them and put them into the address. */
  update(values = {}) {
    Object.assign(this.values, values);
    this.refresh();
    this.remember();
  }

  refresh() {
    for (const [name, { input, shown, words }] of Object.entries(this.inputs)) {
      const value = String(this.values[name]);
      if (input.value !== value) input.value = value;
      shown.textContent = words(this.values[name]);
      if (input.type === "range") input.setAttribute("aria-valuetext", shown.textContent);
    }
    this.draw();
    const text = this.describe();
    this.readout.textContent = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.status.textContent !== text) this.status.textContent = text;
    }, 1000 * SECONDS_OF_SILENCE);
  }

  // --- The address: ?fig-name.w=2&fig-name.b=-1, only what differs from the start ---

  get key() {
    return this.closest("figure[id]")?.id ?? this.localName;
  }

  restore() {
    this.stop();
    const asked = new URLSearchParams(location.search);
    for (const [name, start] of Object.entries(this.defaults)) {
      const text = asked.get(`${this.key}.${name}`);
      const value = typeof start === "number" && text ? Number(text) : text;
      this.values[name] = text && this.allows(name, value) ? value : start;
    }
    this.restored();
    this.refresh();
  }

  /** What else has to change when the values came from the address. */
  restored() {}

  allows(name, value) {
    const { min, max, options } = this.constructor.controls.find((each) => each.name === name);
    if (options) return options.some(([key]) => key === value);
    return typeof value !== "number" || (value >= min && value <= max);
  }

  remember() {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(this.values)) {
      const key = `${this.key}.${name}`;
      if (value === this.defaults[name]) address.searchParams.delete(key);
      else address.searchParams.set(key, value);
    }
    if (address.href === location.href) return;
    try {
      history.replaceState(history.state, "", address);
    } catch {
      // A page from a folder: some browsers do not let it change its address.
    }
  }
}

// A link to a setting of a figure on this page sets the figure; the page is not loaded anew.
const setAgain = () => {
  for (const figure of document.querySelectorAll("figure[id] > *")) figure.restore?.();
};
addEventListener("popstate", setAgain);
addEventListener("click", (event) => {
  const link = event.target.closest?.("a.figure-setting");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  try {
    history.pushState(null, "", link.href);
  } catch {
    return; // the browser follows the link
  }
  event.preventDefault();
  setAgain();
  document.getElementById(link.hash.slice(1)).scrollIntoView({
    behavior: still.matches ? "auto" : "smooth",
  });
});
