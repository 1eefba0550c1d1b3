#!/bin/bash
# Health check of a container: health.sh PORT PATH [WORD]. Healthy when the page answers 200 and, where a word is given, holds it.
# Bash alone, since it runs every other second and starting Node would cost more than the check.
exec 3<>"/dev/tcp/$(hostname)/$1" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
answer=$(timeout 3 cat <&3)
[[ $answer == HTTP/1.?\ 200* && $answer == *"${3:-}"* ]]
