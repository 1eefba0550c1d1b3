import { AnswerMemory } from '../../../runtime/answer-memory';

const MIB = 1 << 20;

describe('The memory for answers', () => {
  test('an answer may have a quarter of what is free', () => {
    const memory = new AnswerMemory(256 * MIB);
    expect(memory.allowanceBytes).toBe(64 * MIB);
    memory.hold(128 * MIB);
    expect(memory.allowanceBytes).toBe(32 * MIB);
  });

  test('however many clients do not read, all their answers stay within the budget and a small share each', () => {
    const memory = new AnswerMemory(256 * MIB);
    for (let client = 0; client < 500; client++) memory.hold(Math.min(50 * MIB, memory.allowanceBytes));
    expect(memory.heldBytes).toBeLessThan(256 * MIB + 500 * 256 * 1024);
    expect(memory.allowanceBytes).toBe(256 * 1024);
  });

  test('what is let go of is free again, once', () => {
    const memory = new AnswerMemory(256 * MIB);
    const release = memory.hold(100 * MIB);
    release();
    release();
    expect(memory.heldBytes).toBe(0);
  });
});
