/**
 * How Node is started for a broker; bin/lib/run.sh and the .bat say the same.
 *
 * What a broker reads from its sockets is memory outside JavaScript's heap, and the collector takes a small heap beside much
 * of it as a reason to mark everything again and again: measured, 42 full collections for 1.5 GB produced, and 1 with a heap
 * that counts as 128 MB from the start, for a third less processor time. It is a threshold and no reservation: an idle
 * broker takes no more memory, and one with thousands of partitions less than with a higher threshold.
 *
 * Young objects are collected by one thread: several wait for each other wherever the machine has other work to do, which
 * made the longest pauses of a broker that gets thousands of partitions.
 */
export const brokerNodeFlags = ['--initial-heap-size=128', '--no-parallel-scavenge'] as const;
