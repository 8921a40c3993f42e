/* repeat.h: EACH(n, f) is f(0) f(1) ... f(n - 1). Loops over registers are written with it
 * instead of for: the compiler then sees constant indices from the start and keeps the
 * array in registers, also where it unrolls loops too late for that. */
#ifndef NN_REPEAT_H
#define NN_REPEAT_H

#define EACH_1(f)   f(0)
#define EACH_2(f)   EACH_1(f) f(1)
#define EACH_4(f)   EACH_2(f) f(2) f(3)
#define EACH_5(f)   EACH_4(f) f(4)
#define EACH_6(f)   EACH_5(f) f(5)
#define EACH_8(f)   EACH_6(f) f(6) f(7)
#define EACH_14(f)  EACH_8(f) f(8) f(9) f(10) f(11) f(12) f(13)
#define EACH_16(f)  EACH_14(f) f(14) f(15)
#define EACH_(n, f) EACH_##n(f)
#define EACH(n, f)  EACH_(n, f)

#endif
