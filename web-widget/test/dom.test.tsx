// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { type Child, draw, h } from "../src/view/dom";

let place: HTMLElement;

beforeEach(() => {
  place = document.createElement("div");
});

describe("drawing again", () => {
  it("keeps an element where it is while others come and go around it", () => {
    const page = (before: boolean, between: boolean): Child[] => [
      before && <p>before</p>,
      <textarea />,
      between && "between",
      <p>after</p>,
    ];
    draw(place, page(false, false));
    const field = place.querySelector("textarea");
    const last = place.querySelector("p");
    draw(place, page(true, true));
    expect(place.innerHTML).toBe("<p>before</p><textarea></textarea>between<p>after</p>");
    draw(place, page(false, false));
    expect(place.innerHTML).toBe("<textarea></textarea><p>after</p>");
    expect(place.querySelector("textarea")).toBe(field);
    expect(place.querySelector("p")).toBe(last);
  });

  it("knows the members of a list by their keys", () => {
    const list = (keys: string[]): Child[] => [keys.map((key) => <p key={key}>{key}</p>)];
    draw(place, list(["a", "b", "c"]));
    const [, b, c] = place.children;
    draw(place, list(["b", "new", "c"]));
    expect(place.textContent).toBe("bnewc");
    expect([place.children[0], place.children[2]]).toEqual([b, c]);
  });

  it("sets and removes attributes, and leaves a field alone that says the same", () => {
    draw(place, [<input class="a" disabled value="text" data-number={1} aria-label={undefined} />]);
    expect(place.innerHTML).toBe('<input class="a" disabled="true" data-number="1">');
    draw(place, [<input data-number={2} disabled={false} value="text" />]);
    expect(place.innerHTML).toBe('<input data-number="2">');
    expect(place.querySelector("input")?.value).toBe("text");
  });

  it("replaces handlers, and takes them away", () => {
    const heard: string[] = [];
    const press = (): void => place.querySelector("button")?.click();
    draw(place, [<button onclick={() => heard.push("first")} />]);
    press();
    draw(place, [<button onclick={() => heard.push("second")} />]);
    press();
    draw(place, [<button />]);
    press();
    expect(heard).toEqual(["first", "second"]);
  });

  it("shows markup as the text that it is", () => {
    draw(place, ["<b>bold</b>"]);
    expect(place.textContent).toBe("<b>bold</b>");
    expect(place.querySelector("b")).toBeNull();
  });
});
