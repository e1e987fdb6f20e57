// Draws a tree of descriptions into the document, changing only what differs from the last time.
// Knows elements, texts and attributes, nothing else: a tenth of a framework's weight is all that one small window needs.

export interface Description {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Child[];
}

/** `false` and the like draw nothing, but keep their place: what stands after them stays what it was. */
export type Child = Description | string | false | null | undefined | readonly Child[];

type Value = string | number | boolean | undefined;

/** Attributes as in HTML; what is empty or `false` is not set. Handlers are the element's own `onclick` and so on. */
export interface Attributes {
  readonly [attribute: `aria-${string}` | `data-${string}`]: Value;
  readonly autocomplete?: Value;
  readonly checked?: Value;
  readonly class?: Value;
  readonly datetime?: Value;
  readonly disabled?: Value;
  readonly href?: Value;
  readonly id?: Value;
  readonly inputmode?: Value;
  /** Which one of a list this is. */
  readonly key?: string | number;
  readonly maxlength?: Value;
  readonly placeholder?: Value;
  readonly rel?: Value;
  readonly role?: Value;
  readonly rows?: Value;
  readonly tabindex?: Value;
  readonly target?: Value;
  readonly type?: Value;
  readonly value?: string;
  readonly onblur?: (event: Event) => void;
  readonly onclick?: () => unknown;
  readonly onfocus?: (event: Event) => void;
  readonly oninput?: (event: InputEvent) => void;
  readonly onkeydown?: (event: KeyboardEvent) => void;
  readonly onscroll?: () => unknown;
}

/** What the compiler makes of `<tag …>`. */
export function h(tag: string, attributes: Attributes | null, ...children: Child[]): Description {
  return { tag, attributes: attributes ?? {}, children };
}

export declare namespace h {
  namespace JSX {
    type Element = Description;
    type IntrinsicElements = Record<string, Attributes & { readonly children?: Child }>;
    interface ElementChildrenAttribute {
      children: Child;
    }
  }
}

interface Drawn {
  readonly place: string;
  readonly attributes: ByName;
}

type ByName = Record<string, unknown>;

const drawn = new WeakMap<Node, Drawn>();

/** Makes the element's children those that are described. They never change their order, so nothing is ever moved. */
export function draw(parent: Element, children: readonly Child[]): void {
  let at = parent.firstChild;
  for (const [place, child] of placed(children, "")) {
    let node = at;
    while (node && drawn.get(node)?.place !== place) node = node.nextSibling;
    if (node) while (at && at !== node) at = dropped(at);
    else parent.insertBefore((node = create(child)), at);
    at = node.nextSibling;
    update(node, place, child);
  }
  while (at) at = dropped(at);
}

/** Each child that is to be seen, with a name for its place that is the same each time. */
function* placed(children: readonly Child[], path: string): Generator<[string, Description | string]> {
  for (const [index, child] of children.entries()) {
    if (typeof child === "string") yield [`${path}${index}`, child];
    else if (!child) continue;
    else if ("tag" in child) yield [`${path}${child.attributes.key ?? index}${child.tag}`, child];
    else yield* placed(child, `${path}${index}/`);
  }
}

function dropped(node: ChildNode): ChildNode | null {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function create(child: Description | string): ChildNode {
  if (typeof child === "string") return document.createTextNode(child);
  return document.createElement(child.tag);
}

function update(node: ChildNode, place: string, child: Description | string): void {
  const before: ByName = drawn.get(node)?.attributes ?? {};
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
    drawn.set(node, { place, attributes: before });
    return;
  }
  const element = node as Element & ByName;
  const attributes = child.attributes as object as ByName;
  draw(element, child.children);
  for (const name in { ...before, ...attributes }) {
    const value = attributes[name];
    if (name === "value" || name.startsWith("on")) {
      // Setting the same text again would move the cursor.
      if (element[name] !== value) element[name] = value ?? null;
    } else if (name !== "key" && value !== before[name]) {
      if (value) element.setAttribute(name, value as string);
      else element.removeAttribute(name);
    }
  }
  drawn.set(node, { place, attributes });
}
