// Tabs: arrow keys go from one to the next, as the ARIA authoring practices want it.

export class Tabs {
  /** told(name): "pose", "paint", ... */
  constructor(list, told) {
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    this.told = told;
    this.tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => this.open(tab));
      tab.addEventListener("keydown", (event) => this.#key(event, index));
    });
  }

  get name() { return this.tabs.find((tab) => tab.ariaSelected === "true").id.replace("tab-", ""); }

  open(tab) {
    for (const one of this.tabs) {
      const isOpen = one === tab;
      one.ariaSelected = String(isOpen);
      one.tabIndex = isOpen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !isOpen;
    }
    this.told(this.name);
  }

  #key(event, index) {
    const count = this.tabs.length;
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = this.tabs[(to + count) % count];
    this.open(tab);
    tab.focus();
  }
}
