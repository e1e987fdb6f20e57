// A question or an explanation in front of everything else: the browser's own dialog, which keeps the focus in it.

import { Button, CloseButton } from "@mantine/core";
import { useId, useLayoutEffect, useRef, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { m } from "../paraglide/messages.js";
import css from "./Dialog.module.css";

interface DialogProps {
  title: string;
  onClose(): void;
  /** As wide as there is room. */
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, wide = false, children }: DialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it leaves the page: what had the focus has it again.
  useLayoutEffect(() => {
    const open = dialog.current;
    open?.showModal();
    // Not `autoFocus`: that would have it before the dialog is open, which then gives it to the first button in it.
    open?.querySelector<HTMLElement>("[data-focus]")?.focus();
    return () => {
      open?.close();
      takeCaret();
    };
  }, []);
  // Beside the page: what holds for the place where it is asked does not hold for it.
  return createPortal(
    <dialog ref={dialog} className={css.dialog} data-wide={wide} aria-labelledby={id} onClose={onClose}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        <CloseButton aria-label={m.close()} onClick={onClose} />
      </div>
      {children}
    </dialog>,
    document.body,
  );
}

/** Chromium gives the focus back without the caret, which stayed in the dialog: what is typed next would be lost. */
function takeCaret(): void {
  const at = document.activeElement;
  if (!(at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement) || at.selectionStart === null) return;
  at.setSelectionRange(at.selectionStart, at.selectionEnd, at.selectionDirection ?? "none");
}

interface ConfirmProps {
  title: string;
  text: ReactNode;
  yes: string;
  /** What leaves everything as it is, in words of its own: then it has the focus. */
  no?: string;
  testid: string;
  onYes(): void;
  onClose(): void;
}

export function Confirm({ title, text, yes, no, testid, onYes, onClose }: ConfirmProps): ReactElement {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={css.text}>{text}</div>
      <div className={css.buttons}>
        <Button variant="default" {...(no === undefined ? {} : { "data-focus": true })} onClick={onClose}>
          {no ?? m.cancel()}
        </Button>
        <Button
          {...(no === undefined ? { "data-focus": true } : {})}
          data-testid={testid}
          onClick={() => {
            onYes();
            onClose();
          }}
        >
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
