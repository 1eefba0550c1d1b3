/**
 * How Node is started for a broker; bin/lib/run.sh and the .bat say the same.
 *
 * What a broker reads from its sockets is memory outside JavaScript's heap, and the collector takes a small heap beside much
 * of it as a reason to mark everything again and again. A heap that counts as large from the start is left alone:
 * measured, 6 full collections instead of 47 for 400 MB produced, and a quarter less processor time. It is a
 * threshold and no reservation: an idle broker takes no more memory.
 */
export const brokerNodeFlags = ['--initial-heap-size=256'] as const;
