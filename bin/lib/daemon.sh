# Sourced by the server launchers: handles -daemon, wherever it stands, by starting the launcher again in the background.
# Output goes to $LOG_DIR/$name.out, LOG_DIR being logs/ beside bin/ unless the environment says otherwise (as in Kafka).
daemon=no
for argument do
  shift
  if [ "$argument" = -daemon ]; then daemon=yes; else set -- "$@" "$argument"; fi
done
if [ $daemon = yes ]; then
  : "${LOG_DIR:=$here/../logs}"
  mkdir -p "$LOG_DIR" || exit 1
  nohup "$0" "$@" >"$LOG_DIR/$name.out" 2>&1 </dev/null &
  exit 0
fi
