/** Dialogs of the browser itself: they keep the focus, close on Escape, and give the focus back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { dismiss, notices } from '../notices.js';

interface DialogProps {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface FormDialogProps extends DialogProps {
  /** Word on the button that does it. */
  action: string;
  danger?: boolean;
  /** Resolves to whether it worked: then the dialog closes. */
  onSubmit(): Promise<boolean>;
}

/** A dialog with one form in it. Cannot be sent twice. */
export function FormDialog({ title, action, danger = false, onSubmit, onClose, children }: FormDialogProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const done = await onSubmit();
    setBusy(false);
    if (done) onClose();
    // What stands outside of an open dialog is covered: the message is repeated here.
    const last = notices.get().at(-1);
    const failed = !done && last?.bad ? last : null;
    setFailure(failed?.text ?? null);
    if (failed) dismiss(failed.id);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        {children}
        {failure ? (
          <p class="note bad" role="alert">
            {failure}
          </p>
        ) : null}
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'button danger' : 'button primary'} disabled={busy}>
            {busy ? 'Working …' : action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  className?: string;
  /** Renders the control with this id. */
  children: (id: string) => ComponentChildren;
}

export function Field({ label, hint, className = '', children }: FieldProps) {
  const id = useId();
  return (
    <div class={`field ${className}`}>
      <label for={id}>{label}</label>
      {children(id)}
      {hint ? <span class="hint">{hint}</span> : null}
    </div>
  );
}

interface InputProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  className?: string;
  value: string;
  onText(text: string): void;
  type?: 'text' | 'number' | 'search' | 'datetime-local';
  min?: number;
  max?: number;
  step?: number;
  required?: boolean;
  placeholder?: string;
  maxLength?: number;
}

/** A line of text, a number or a time, with its label. */
export function InputField({ label, hint, className, value, onText, ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} className={className ?? ''}>
      {(id) => (
        <input id={id} {...(rest as object)} value={value} onInput={(event) => onText(event.currentTarget.value)} />
      )}
    </Field>
  );
}
