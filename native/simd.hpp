// Vectors of the widest kind the target has, by the compilers' own vector extensions: no assembly, no
// intrinsics. Everything stands in a namespace named for the target, since this file is compiled once for
// each and the linker would otherwise keep one version of each template for all. For the same reason
// nothing of the standard library that is a template may be used below.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define EDGEWISE_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define EDGEWISE_VECTOR_BYTES 32
#else
#define EDGEWISE_VECTOR_BYTES 16
#endif

#define EDGEWISE_INLINE inline __attribute__((always_inline))
// A function of its own, for which registers are given out apart from its caller.
#define EDGEWISE_NOINLINE __attribute__((noinline))

namespace edgewise {
namespace EDGEWISE_TARGET {

template <class T>
struct Same;
template <>
struct Same<float> {
    typedef int32_t Int;
    typedef float Vector __attribute__((vector_size(EDGEWISE_VECTOR_BYTES)));
    typedef int32_t IntVector __attribute__((vector_size(EDGEWISE_VECTOR_BYTES)));
};
template <>
struct Same<double> {
    typedef int64_t Int;
    typedef double Vector __attribute__((vector_size(EDGEWISE_VECTOR_BYTES)));
    typedef int64_t IntVector __attribute__((vector_size(EDGEWISE_VECTOR_BYTES)));
};

template <class T>
using Vec = typename Same<T>::Vector;
template <class T>
using IntVec = typename Same<T>::IntVector;
template <class T>
using IntOf = typename Same<T>::Int;

// Numbers in a vector.
template <class T>
constexpr int lanes = EDGEWISE_VECTOR_BYTES / static_cast<int>(sizeof(T));

template <class T>
inline Vec<T> load(const T* from) {
    Vec<T> v;
    memcpy(&v, from, sizeof v);
    return v;
}

template <class T>
inline void store(T* to, Vec<T> v) {
    memcpy(to, &v, sizeof v);
}

template <class T>
inline Vec<T> broadcast(T value) {
    return value - Vec<T>{};
}

template <class T>
inline T sum(Vec<T> v) {
    T part[lanes<T>];
    memcpy(part, &v, sizeof part);
    for (int half = lanes<T> / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; ++lane) part[lane] += part[lane + half];
    return part[0];
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define EDGEWISE_SHUFFLES
#endif
#endif

#ifdef EDGEWISE_SHUFFLES
template <int...>
struct Lanes {};
template <int Left, int... Lane>
struct Count : Count<Left - 1, Left - 1, Lane...> {};
template <int... Lane>
struct Count<0, Lane...> {
    typedef Lanes<Lane...> Type;
};

// Blocks of `width` lanes of p and q by turns, each the sum of two neighbours.
template <class T, int width, int... Lane>
EDGEWISE_INLINE Vec<T> add_neighbours(Vec<T> p, Vec<T> q, Lanes<Lane...>) {
    return __builtin_shufflevector(p, q, (Lane / width % 2 * lanes<T> + Lane / width / 2 * 2 * width + Lane % width)...) +
           __builtin_shufflevector(p, q,
                                   (Lane / width % 2 * lanes<T> + Lane / width / 2 * 2 * width + width + Lane % width)...);
}

// Lane j becomes the sum of rows[j], for as many rows as there are lanes, which are overwritten.
template <class T, int width = lanes<T> / 2>
EDGEWISE_INLINE Vec<T> sums_of(Vec<T>* rows) {
    for (int j = 0; j < width; ++j)
        rows[j] = add_neighbours<T, width>(rows[j], rows[j + width], typename Count<lanes<T>>::Type());
    if constexpr (width > 1)
        return sums_of<T, width / 2>(rows);
    else
        return rows[0];
}

template <int width, class T, int... Lane>
EDGEWISE_INLINE void exchange(Vec<T>& p, Vec<T>& q, Lanes<Lane...>) {
    const Vec<T> upper = __builtin_shufflevector(p, q, ((Lane & width) ? lanes<T> + Lane - width : Lane)...);
    q = __builtin_shufflevector(p, q, ((Lane & width) ? lanes<T> + Lane : Lane + width)...);
    p = upper;
}

// Rows become columns, for as many rows as there are lanes.
template <class T, int width = lanes<T> / 2>
EDGEWISE_INLINE void transpose_block(Vec<T>* rows) {
#pragma GCC unroll 16
    for (int j = 0; j < lanes<T>; ++j)
        if (!(j & width)) exchange<width, T>(rows[j], rows[j + width], typename Count<lanes<T>>::Type());
    if constexpr (width > 1) transpose_block<T, width / 2>(rows);
}
#else
template <class T>
inline void transpose_block(Vec<T>* rows) {
    for (int j = 0; j < lanes<T>; ++j)
        for (int lane = 0; lane < j; ++lane) {
            const T other = rows[j][lane];
            rows[j][lane] = rows[lane][j];
            rows[lane][j] = other;
        }
}

template <class T>
inline Vec<T> sums_of(Vec<T>* rows) {
    Vec<T> result;
    for (int j = 0; j < lanes<T>; ++j) result[j] = sum<T>(rows[j]);
    return result;
}
#endif

template <int bytes>
struct Words {
    typedef uint64_t Vector __attribute__((vector_size(bytes)));
};

#ifdef EDGEWISE_SHUFFLES
template <class Half, class Whole, int... Lane>
EDGEWISE_INLINE Half either_half(Whole v, Lanes<Lane...>) {
    constexpr int half = sizeof...(Lane);
    return __builtin_shufflevector(v, v, Lane...) | __builtin_shufflevector(v, v, (Lane + half)...);
}

// Halves are laid upon each other in registers: what goes through memory waits for it.
template <int bytes>
EDGEWISE_INLINE bool any_bit(typename Words<bytes>::Vector v) {
    if constexpr (bytes == 16)
        return (v[0] | v[1]) != 0;
    else
        return any_bit<bytes / 2>(either_half<typename Words<bytes / 2>::Vector>(v, typename Count<bytes / 16>::Type()));
}
#else
template <int bytes>
inline bool any_bit(typename Words<bytes>::Vector v) {
    uint64_t bits = 0;
    for (int word = 0; word < bytes / 8; ++word) bits |= v[word];
    return bits != 0;
}
#endif

template <class T>
inline bool any(IntVec<T> mask) {
    typename Words<EDGEWISE_VECTOR_BYTES>::Vector words;
    memcpy(&words, &mask, sizeof words);
    return any_bit<EDGEWISE_VECTOR_BYTES>(words);
}

// Whole numbers, whatever their width, as 32 bits each.
template <class T>
inline void store_short(int32_t* to, IntVec<T> v) {
    if constexpr (sizeof(IntOf<T>) == sizeof(int32_t))
        memcpy(to, &v, sizeof v);
    else
        for (int lane = 0; lane < lanes<T>; ++lane) to[lane] = static_cast<int32_t>(v[lane]);
}

// 32 bits each, as whole numbers of the type's width.
template <class T>
inline IntVec<T> load_short(const int32_t* from) {
    typedef int32_t Half __attribute__((vector_size(EDGEWISE_VECTOR_BYTES / sizeof(T) * sizeof(int32_t))));
    Half v;
    memcpy(&v, from, sizeof v);
    return __builtin_convertvector(v, IntVec<T>);
}

template <class T>
inline Vec<T> gather(const T* from, IntVec<T> index) {
    Vec<T> v = {};
    for (int lane = 0; lane < lanes<T>; ++lane) v[lane] = from[index[lane]];
    return v;
}

template <class T>
inline Vec<T> floor_of(Vec<T> v) {
    Vec<T> r = {};
    for (int lane = 0; lane < lanes<T>; ++lane) r[lane] = static_cast<T>(__builtin_floor(v[lane]));
    return r;
}

// How exp is put together in a type: a Taylor polynomial of r = x - n ln 2, |r| <= ln 2 / 2, times 2^n.
template <class T>
struct Exp;
template <>
struct Exp<float> {
    static constexpr int degree = 7, mantissa = 23, bias = 127;
    static constexpr float lowest = -87.0f, highest = 88.0f, rounder = 12582912.0f;
    static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
};
template <>
struct Exp<double> {
    static constexpr int degree = 13, mantissa = 52, bias = 1023;
    static constexpr double lowest = -708.0, highest = 709.0, rounder = 6755399441055744.0;
    static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
};

// exp, within two units in the last place; arguments are first brought into the range of the type.
template <class T>
inline Vec<T> exp_of(Vec<T> x) {
    typedef Exp<T> E;
    x = x < E::lowest ? broadcast<T>(E::lowest) : x;
    x = x > E::highest ? broadcast<T>(E::highest) : x;
    const Vec<T> n = (x * static_cast<T>(1.4426950408889634) + E::rounder) - E::rounder;
    const Vec<T> r = (x - n * E::ln2_high) - n * E::ln2_low;
    T inverse[E::degree + 1];
    inverse[0] = 1;
    for (int power = 1; power <= E::degree; ++power) inverse[power] = inverse[power - 1] / static_cast<T>(power);
    Vec<T> value = broadcast<T>(inverse[E::degree]);
#pragma GCC unroll 16
    for (int power = E::degree - 1; power >= 0; --power) value = value * r + inverse[power];
    const Vec<T> whole = x == x ? n : broadcast<T>(0);
    const IntVec<T> exponent = __builtin_convertvector(whole, IntVec<T>) + E::bias;
    Vec<T> scale;
    const IntVec<T> bits = exponent << E::mantissa;
    memcpy(&scale, &bits, sizeof scale);
    return value * scale;
}

// How log and 1 / sqrt are put together in a type: terms of a series, and steps of Newton's from a first guess.
template <class T>
struct Roots;
template <>
struct Roots<float> {
    static constexpr int terms = 5, steps = 3;
    static constexpr int32_t guess = 0x5f3759df, half = 0x3f3504f3;
};
template <>
struct Roots<double> {
    static constexpr int terms = 11, steps = 4;
    static constexpr int64_t guess = 0x5fe6eb50c7b537a9, half = 0x3fe6a09e667f3bcd;
};

// Natural logarithm of normal numbers above 0, within a few units in the last place of the result or of 1: with
// x = 2^n m and m between sqrt(1/2) and sqrt(2), n ln 2 + 2 artanh((m - 1) / (m + 1)).
template <class T>
inline Vec<T> log_of(Vec<T> x) {
    IntVec<T> bits;
    memcpy(&bits, &x, sizeof bits);
    const IntVec<T> exponent = (bits - Roots<T>::half) >> Exp<T>::mantissa;
    const IntVec<T> rest = bits - (exponent << Exp<T>::mantissa);
    Vec<T> m;
    memcpy(&m, &rest, sizeof m);
    const Vec<T> s = (m - 1) / (m + 1), square = s * s, n = __builtin_convertvector(exponent, Vec<T>);
    T inverse[Roots<T>::terms];
    for (int term = 0; term < Roots<T>::terms; ++term) inverse[term] = 2 / static_cast<T>(2 * term + 1);
    Vec<T> series = broadcast<T>(inverse[Roots<T>::terms - 1]);
#pragma GCC unroll 16
    for (int term = Roots<T>::terms - 2; term >= 0; --term) series = series * square + inverse[term];
    return n * Exp<T>::ln2_high + (n * Exp<T>::ln2_low + s * series);
}

// 1 / sqrt of normal numbers above 0.
template <class T>
inline Vec<T> inverse_root_of(Vec<T> x) {
    IntVec<T> bits;
    memcpy(&bits, &x, sizeof bits);
    bits = Roots<T>::guess - (bits >> 1);
    Vec<T> root;
    memcpy(&root, &bits, sizeof root);
    const Vec<T> half = x / 2;
#pragma GCC unroll 4
    for (int step = 0; step < Roots<T>::steps; ++step)
        root = root * (static_cast<T>(1.5) - half * root * root);
    return root;
}

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
