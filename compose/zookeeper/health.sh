#!/bin/bash
# Healthy when ZooKeeper serves, not merely listens: srvr names a mode only then.
exec 3<>/dev/tcp/127.0.0.1/2181 || exit 1
printf srvr >&3
[[ $(timeout 3 cat <&3) == *Mode:* ]]
