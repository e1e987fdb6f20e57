// A question or an explanation in front of everything else: the browser's own dialog, which keeps the focus in it.

import { Button, CloseButton } from "@mantine/core";
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { m } from "../paraglide/messages.js";
import css from "./Dialog.module.css";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const open = dialog.current;
    open?.showModal();
    return () => open?.close();
  }, []);
  // Beside the page: what holds for the place where it is asked does not hold for it.
  return createPortal(
    <dialog ref={dialog} className={css.dialog} aria-labelledby={id} onClose={onClose}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        <CloseButton aria-label={m.close()} onClick={onClose} />
      </div>
      {children}
    </dialog>,
    document.body,
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  yes: string;
  testid: string;
  onYes(): void;
  onClose(): void;
}

export function Confirm({ title, text, yes, testid, onYes, onClose }: ConfirmProps): ReactElement {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className={css.text}>{text}</p>
      <div className={css.buttons}>
        <Button variant="default" onClick={onClose}>
          {m.cancel()}
        </Button>
        <Button
          autoFocus
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
