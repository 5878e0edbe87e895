/* Children of tests. */
#ifndef BC_TEST_SUPPORT_CHILD_H
#define BC_TEST_SUPPORT_CHILD_H

/* Ends a child made by fork with that exit status, 0 to 255. It becomes another program first, so
 * that valgrind, which counts what is held when a process ends, does not count the child's copy of
 * what its parent holds. */
_Noreturn void child_exit(int status);

#endif
