// What is wider than its place scrolls inside itself: formulas, code, tables, figures. While it
// does, the keyboard reaches it and a screen reader names it; while it fits, Tab passes it by.
"use strict";

(() => {
  const NAMES = {
    ".katex-display": formula => {
      const number = formula.parentElement.querySelector(":scope > .eqno");
      return number ? `Equation ${number.firstChild.textContent.trim()}` : "Equation";
    },
    ".picture": picture => {
      const number = picture.closest("figure")?.querySelector(".caption-number");
      return number ? number.textContent.trim().replace("Fig.", "Figure") : "Figure";
    },
    "pre": code => (code.closest(".cell_output") ? "Output" : "Code"),
    ".pst-scrollable-table-container, .table-wrapper": () => "Table",
    ".text_html, .cell_output, .cell_output > .output": () => "Output",
    ".cr-proof": () => "Proof",
    ".cr-card": () => "Feedback",
  };
  const kinds = Object.entries(NAMES);
  const ours = new Set(); // what got a name here, and loses it again where it fits

  const look = () => {
    const found = kinds.flatMap(([kind, name]) =>
      [...document.querySelectorAll(`article :is(${kind})`)].map(element => [element, name]));
    const wide = found.map(([element]) => element.scrollWidth > element.clientWidth + 1
      && getComputedStyle(element).overflowX !== "visible"); // all looks come before any change
    found.forEach(([element, name], number) => {
      if (wide[number]) {
        element.tabIndex = 0;
        if (element.hasAttribute("role")) return;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", `${name(element)}, scrolls sideways`);
        ours.add(element);
      } else if (element.tabIndex === 0) {
        element.removeAttribute("tabindex");
      }
      if (!wide[number] && ours.delete(element)) {
        element.removeAttribute("role");
        element.removeAttribute("aria-label");
      }
    });
  };

  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(look);
  };
  new ResizeObserver(soon).observe(document.querySelector("article") ?? document.body);
  document.addEventListener("toggle", soon, true); // what was folded has a width now
  document.fonts.ready.then(soon);
  addEventListener("load", soon);
})();
