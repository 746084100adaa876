// What the page shows: the story's facts, and the mode and the step that are selected.

export const story = {
  title: "",
  headings: [],
  steps: 0,
  last: 0, // the highest number that a step has
  live: false,
  state: {},
  problems: { tally: "", rows: [] },
  listed: [], // the problems, the worst first
};

export const view = {
  mode: "", // none before the story is there
  step: 0, // 0 while there are none
  followsNewest: false,
  followsPresenter: false,
  presents: false,
  options: {}, // what a mode asks for beside the step
};
