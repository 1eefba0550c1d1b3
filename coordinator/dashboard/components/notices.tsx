/** The messages at the lower edge: what the user's action came to. */
import { dismiss, notices } from '../notices.js';
import { useStore } from '../store.js';
import { Icon } from './icon.js';

export function Notices() {
  const shown = useStore(notices);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, bad }) => (
        <div class={bad ? 'toast bad' : 'toast'} key={id}>
          <span>
            {bad ? <strong>That did not work. </strong> : null}
            {text}
          </span>
          <button type="button" class="button plain" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
