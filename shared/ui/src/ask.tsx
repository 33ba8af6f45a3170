/** A dialog that says what will happen before it happens. Escape and "Cancel" change nothing. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { whyNot } from "./order.tsx";

export interface AskProps {
  title: string;
  /** What follows, in plant words, and the fields to fill in. */
  children: ComponentChildren;
  action: string;
  isDangerous?: boolean;
  /** Resolves to what was answered; what it throws is shown, and the dialog stays open. */
  onSend: (form: FormData) => Promise<void>;
  onClose: () => void;
}

export function Ask({ title, children, action, isDangerous = false, onSend, onClose }: AskProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const [isSending, setSending] = useState(false);
  const heading = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    setSending(true);
    try {
      await onSend(new FormData(event.target as HTMLFormElement));
      onClose();
    } catch (error) {
      setProblem(whyNot(error));
      setSending(false);
    }
  };
  return (
    <dialog ref={dialog} class="ask" aria-labelledby={heading} onClose={onClose}>
      <form class="stack" onSubmit={send}>
        <h2 id={heading}>{title}</h2>
        {children}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row">
          <button type="submit" class={isDangerous ? "danger" : ""} disabled={isSending}>
            {action}
          </button>
          <button type="button" class="quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
