// Programs of expressions as src/edgewise/discovery/program.py writes them.
#pragma once

#include <stdint.h>

namespace edgewise {

// As `Op` in src/edgewise/discovery/operations.py.
enum Op : int32_t {
    kAdd = 0,
    kMul = 1,
    kDiv = 2,
    kPow = 3,
    kSquare = 4,
    kCube = 5,
    kSqrt = 6,
    kExp = 7,
    kExpm1 = 8,
    kLog = 9,
    kSin = 10,
    kCos = 11,
    kTan = 12,
    kAsin = 13,
    kAcos = 14,
    kAtan = 15,
    kSinh = 16,
    kCosh = 17,
    kTanh = 18,
    kAsinh = 19,
    kAcosh = 20,
    kAtanh = 21,
    kAbs = 22,
    kSign = 23,
    kMax = 24,
    kMin = 25,
    kOps = 26
};

// An operation and the numbers of its arguments; the second is the first where there is one.
struct Step {
    int32_t op, first, second;
};

// Values have numbers: constants, columns, numbers, and each step's result.
struct Program {
    int64_t constants, columns, numbers, steps;
    const double* number;
    const Step* step;
    const bool* varying;  // for each value, whether the constants change it
    int64_t result;

    int64_t first_step() const { return constants + columns + numbers; }
    int64_t values() const { return first_step() + steps; }
};

// ProgramSamples that programs are fitted to: columns (columns, count), targets, and roots of the weights.
struct ProgramSamples {
    int64_t count;
    const double *x, *y, *root;
};

// A program to be fitted from some starts (starts, constants), and what the best of them led to: constants, slopes
// (samples, constants) times the roots of the weights, and the root mean square error; NaN where there is no real value.
struct ProgramFit {
    Program program;
    int64_t starts;
    const double* start;
    double *constants, *slopes;
    double rmse;
};

}  // namespace edgewise
