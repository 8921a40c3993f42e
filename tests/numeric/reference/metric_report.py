"""Writes metric_report.h: what scikit-learn says about fixed labels.

    python metric_report.py > metric_report.h        (needs scikit-learn; run once)

The labels come from a small generator that the C test repeats, so that no list is stored.
"""
import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

N_CLASSES = 7
N = 500


def labels():
    """x -> 1103515245 x + 12345 mod 2^31; class 5 never occurs, class 6 is never predicted."""
    x, truth, guess = 42, [], []
    for _ in range(N):
        x = (1103515245 * x + 12345) % 2**31
        t = (x >> 16) % 6
        t = 6 if t == 5 else t
        x = (1103515245 * x + 12345) % 2**31
        g = t if (x >> 16) % 10 < 6 else (x >> 20) % 6
        truth.append(t)
        guess.append(5 if g == 6 else g)
    return np.array(truth), np.array(guess)


def row(values):
    p, r, f, s = values
    return f"{{{p:.17g}, {r:.17g}, {f:.17g}, {int(s)}}}"


def main():
    t, g = labels()
    every = list(range(N_CLASSES))
    per = precision_recall_fscore_support(t, g, labels=every, zero_division=0)
    print("/* metric_report.h: made by metric_report.py with scikit-learn", sklearn.__version__, "*/")
    print(f"enum {{ REF_CLASSES = {N_CLASSES}, REF_N = {N} }};")
    print("static const size_t ref_confusion[REF_CLASSES * REF_CLASSES] = {")
    for line in confusion_matrix(t, g, labels=every):
        print("    " + ", ".join(str(v) for v in line) + ",")
    print("};")
    print("static const struct nn_report_row ref_rows[REF_CLASSES] = {")
    for k in every:
        print("    " + row([m[k] for m in per]) + ",")
    print("};")
    for name in ("macro", "weighted"):
        p, r, f, _ = precision_recall_fscore_support(t, g, average=name, zero_division=0)
        print(f"static const struct nn_report_row ref_{name} = {row([p, r, f, N])};")
    print(f"static const double ref_accuracy = {accuracy_score(t, g):.17g};")


if __name__ == "__main__":
    main()
