/** The longest delay of a Node timer, in ms. A timer with a longer one fires at once. */
export const timerMsMax = 2 ** 31 - 1;
