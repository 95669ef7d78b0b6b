/** The longest delay, in ms, that a Node timer takes: a longer one fires at once. */
export const timerMsMax = 2 ** 31 - 1;
