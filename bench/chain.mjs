// What both sides of the measurement agree on: the three prompts of the chain and the fake model's answer to a prompt.
// The answer depends on every character of the prompt, so a right last answer proves that all three calls were made with the right texts.
export const prompts = [
  { name: 'summary', variable: 'notes', text: 'Summarize these notes in five sentences.\n\n' },
  { name: 'actions', variable: 'summary', text: 'List the actions in this summary, one a line.\n\n' },
  { name: 'email', variable: 'actions', text: 'Write a short e-mail to the team with these actions.\n\n' },
];

const words = 'we met on monday to look at the plan and agreed who does what until the end of the month so that the release can go out in time'.split(' ');

/** The words of an answer; the last one is a digest of the prompt. */
export function answerWords(prompt, count) {
  const answer = Array.from({ length: count - 1 }, (_, i) => words[i % words.length]);
  return [...answer, digest(prompt)];
}

export function expectedAnswer(notes, count) {
  return prompts.reduce((text, prompt) => answerWords(prompt.text + text, count).join(' '), notes);
}

function digest(text) { // FNV-1a, 32 bits
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
