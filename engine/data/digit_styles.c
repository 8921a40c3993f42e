/* digit_styles.c: the points of each way of writing each digit. */
#include "digit_styles.h"

#define UP  NN_DIGIT_END_STROKE
#define END NN_DIGIT_END_STYLE

/* clang-format off */
static const signed char
    zero_oval[] = {50,0, 22,16, 12,50, 22,84, 50,100, 78,84, 88,50, 78,16, 50,0, UP, END},
    zero_overlap[] = {66,8, 38,3, 18,32, 20,74, 46,99, 76,84, 84,44, 68,10, 44,6, UP, END},
    zero_open[] = {38,8, 17,32, 15,70, 45,98, 80,80, 86,40, 66,8, 50,10, UP, END},
    zero_narrow[] = {52,0, 30,20, 26,55, 36,92, 56,99, 72,70, 74,34, 62,4, 50,1, UP, END},

    one_bare[] = {50,0, 50,50, 50,100, UP, END},
    one_leaning[] = {62,0, 50,50, 40,100, UP, END},
    one_flag[] = {26,26, 56,0, 56,0, 55,50, 54,100, UP, END},
    one_foot[] = {26,24, 52,0, 52,0, 52,50, 52,98, UP, 24,99, 52,98, 80,98, UP, END},

    two_flat[] = {15,24, 34,3, 68,3, 79,28, 56,60, 14,97, 14,97, 50,96, 88,96, UP, END},
    two_loop[] = {18,20, 45,0, 78,18, 66,50, 32,85, 13,95, 20,78, 45,85, 88,97, UP, END},
    two_swan[] = {20,16, 55,0, 76,24, 52,64, 12,95, 12,95, 38,88, 62,97, 92,88, UP, END},
    two_sharp[] = {14,10, 50,0, 80,16, 70,48, 16,96, 16,96, 84,90, UP, END},

    three_round[] = {16,12, 48,0, 78,18, 68,38, 42,47, 42,47, 76,56, 84,80, 50,100, 12,88, UP, END},
    three_flat[] = {15,4, 50,3, 82,3, 82,3, 44,40, 44,40, 78,54, 82,82, 46,100, 12,90, UP, END},
    three_loop[] = {20,12, 55,0, 77,20, 55,44, 36,47, 50,42, 80,60, 76,88, 40,100, 14,88, UP, END},
    three_steep[] = {22,8, 60,2, 72,20, 46,46, 46,46, 72,60, 66,86, 18,99, UP, END},

    four_open[] = {22,4, 18,28, 15,52, 15,52, 50,51, 86,48, UP, 70,6, 68,50, 66,100, UP, END},
    four_closed[] = {64,0, 36,34, 8,66, 8,66, 50,66, 92,64, UP, 64,0, 64,50, 63,100, UP, END},
    four_soft[] = {22,6, 18,38, 40,52, 74,40, UP, 78,2, 72,50, 64,100, UP, END},
    four_stroke[] = {60,2, 14,58, 14,58, 84,54, UP, 66,30, 58,100, UP, END},

    five_two[] = {26,3, 50,3, 82,1, UP, 26,3, 22,42, 22,42, 55,35, 84,58, 72,90, 40,100, 12,88, UP, END},
    five_one[] = {82,4, 56,5, 31,6, 31,6, 25,44, 25,44, 60,38, 82,66, 60,96, 14,92, UP, END},
    five_soft[] = {80,6, 46,4, 25,22, 40,44, 74,60, 74,88, 40,100, 14,90, UP, END},
    five_low[] = {84,10, 38,6, 38,6, 28,52, 28,52, 62,48, 76,72, 54,97, 20,98, UP, END},

    six_round[] = {66,2, 30,28, 15,65, 30,97, 65,95, 77,72, 52,54, 20,68, UP, END},
    six_back[] = {46,0, 22,46, 17,82, 48,100, 78,84, 68,60, 38,58, 18,78, UP, END},
    six_wide[] = {82,8, 44,12, 18,50, 22,90, 60,98, 84,72, 58,48, 22,62, UP, END},
    six_low[] = {58,0, 36,30, 22,68, 34,98, 60,94, 62,72, 40,66, 24,84, UP, END},

    seven_plain[] = {12,5, 50,4, 86,4, 86,4, 62,50, 42,100, UP, END},
    seven_bar[] = {12,5, 50,4, 86,4, 86,4, 60,50, 42,100, UP, 30,52, 80,46, UP, END},
    seven_serif[] = {14,20, 15,5, 15,5, 50,5, 86,3, 86,3, 60,46, 46,100, UP, END},
    seven_curved[] = {12,10, 46,2, 86,7, 74,38, 54,70, 48,100, UP, END},
    seven_upright[] = {18,8, 74,4, 74,4, 66,50, 60,100, UP, END},

    eight_one[] = {78,14, 50,0, 22,18, 40,42, 76,68, 70,94, 45,100, 18,88, 28,62, 60,42, 80,22, 72,8, UP, END},
    eight_two[] = {50,0, 25,20, 50,45, 75,22, 50,0, UP, 50,45, 18,72, 50,100, 82,74, 50,45, UP, END},
    eight_open[] = {70,8, 34,4, 26,24, 48,44, 72,66, 62,96, 30,94, 28,70, 54,46, 78,18, UP, END},
    eight_narrow[] = {60,2, 38,10, 40,34, 58,56, 62,86, 44,99, 34,82, 44,56, 66,26, 60,2, UP, END},

    nine_straight[] = {78,14, 50,0, 20,22, 35,48, 70,40, 80,14, 80,14, 73,60, 66,100, UP, END},
    nine_tail[] = {78,20, 50,2, 22,20, 35,46, 72,38, 79,16, 82,60, 60,95, 24,94, UP, END},
    nine_two[] = {72,22, 45,2, 20,25, 45,48, 73,26, UP, 76,2, 74,50, 70,100, UP, END},
    nine_small[] = {66,10, 40,2, 30,22, 48,38, 66,20, 66,10, 62,54, 50,100, UP, END};
/* clang-format on */

const signed char *const nn_digit_styles[10][NN_DIGIT_STYLES] = {
    {zero_oval, zero_overlap, zero_open, zero_narrow},
    {one_bare, one_leaning, one_flag, one_foot},
    {two_flat, two_loop, two_swan, two_sharp},
    {three_round, three_flat, three_loop, three_steep},
    {four_open, four_closed, four_soft, four_stroke},
    {five_two, five_one, five_soft, five_low},
    {six_round, six_back, six_wide, six_low},
    {seven_plain, seven_bar, seven_serif, seven_curved, seven_upright},
    {eight_one, eight_two, eight_open, eight_narrow},
    {nine_straight, nine_tail, nine_two, nine_small},
};

size_t nn_digit_style_count(int digit) {
    size_t n = 0;
    while (n < NN_DIGIT_STYLES && nn_digit_styles[digit][n])
        n++;
    return n;
}
