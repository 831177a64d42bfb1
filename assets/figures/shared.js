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

/** A number of any size for a reader: about 3 significant digits, no zeros at the end. */
const short = (value) => {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "not a number";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) {
    const [digits, power] = value.toExponential(1).split("e");
    const raised = [...power.replace("+", "")].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    return `${digits.replace("-", "−")}·10${raised.join("")}`;
  }
  const digits = number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
};

/** The path through points [x, y]. */
const path = (points) =>
  points.length ? "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L") : "";

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
    const shown = html("output");
    this.inputs[name] = { input, shown, words };
    const line = html("label", { className: options ? "figure-choice" : "figure-slider" });
    line.append(html("span", {}, label), input);
    if (!options) line.append(shown);
    this.panel.append(line);
  }

  /** A row of buttons: {Step: () => …}. Each may read this.values, set them and call update(). */
  addButtons(actions) {
    const row = html("div", { className: "figure-buttons" });
    const made = Object.entries(actions).map(([label, action]) => {
      const button = html("button", { type: "button", className: "btn btn-sm" }, label);
      button.addEventListener("click", action);
      return button;
    });
    row.append(...made);
    this.panel.append(row);
    return made;
  }

  take({ name, value }) {
    if (!(name in this.values)) return;
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
