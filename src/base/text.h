/* Text from outside, made fit to be shown. */
#ifndef BC_BASE_TEXT_H
#define BC_BASE_TEXT_H

/* Makes `text` one line of UTF-8 in place, its length kept: every control character (C0 and DEL) and
 * every byte that belongs to no UTF-8 character becomes '?'. */
void bc__text_clean(char *text);

#endif
