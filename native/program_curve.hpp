// A program on samples, as a sum of squares in its constants. The twin in NumPy is src/edgewise/discovery/curve.py.
#pragma once

#include "operations.hpp"
#include "scratch.hpp"

namespace edgewise {
namespace EDGEWISE_TARGET {

// Goes through the samples tile by tile, with what the constants do not change computed once. Its error at a sample is
// multiplied by the root of the sample's weight.
class ProgramCurve : public LeastSquares {
  public:
    ProgramCurve(const Program& program, const ProgramSamples& samples) : p(program), s(samples) {
        rows = curved = s.count;
        columns = p.constants;
        Arena measured(nullptr);
        take_all(measured);
        memory_ = static_cast<char*>(acquire_block(static_cast<size_t>(measured.used())));
        if (!memory_) return;
        Arena arena(memory_);
        take_all(arena);
        place_all();
        run_fixed();
    }
    ~ProgramCurve() override { release_block(memory_); }
    ProgramCurve(const ProgramCurve&) = delete;
    ProgramCurve& operator=(const ProgramCurve&) = delete;

    bool ok() const { return memory_ != nullptr; }

    void residual(const double* x, double* result) override {
        set_constants(x);
        for (int64_t tile = 0; tile < tiles_of(rows); ++tile) {
            run_varying(tile);
            const int64_t start = tile * kTile, end = rows - start < kTile ? rows - start : kTile;
            const double* value = at(p.result, tile);
            for (int64_t n = 0; n < end; ++n) result[start + n] = s.root[start + n] * (value[n] - s.y[start + n]);
        }
    }

    void jacobian(const double* x, double* tiles) override {
        set_constants(x);
        for (int64_t tile = 0; tile < tiles_of(rows); ++tile) {
            double* to = tiles + tile * columns * kTile;
            run_varying(tile);
            pull_back<false>(tile, to);
            if (!is_finite(to)) pull_back<true>(tile, to);
        }
    }

  private:
    // Where a value is: `place` and so many numbers further on for each tile.
    struct Place {
        double* place;
        int64_t advance;
    };

    void take_all(Arena& arena) {
        const int64_t padded = tiles_of(rows) * kTile;
        places_ = arena.take<Place>(p.values());
        columns_ = arena.take<double>(p.columns * padded);
        root_ = arena.take<double>(padded);
        short_ = arena.take<double>(p.values() * kTile);
        pulls_ = arena.take<double>(p.values() * kTile);
        int64_t fixed = 0;
        for (int64_t n = p.first_step(); n < p.values(); ++n) fixed += is_kept(n);
        long_ = arena.take<double>(fixed * padded);
    }

    // Whether a step's value stays from call to call: the constants do not change it, and something reads it.
    bool is_kept(int64_t n) const {
        if (n < p.first_step() || p.varying[n]) return false;
        bool read = n == p.result;
        for (int64_t at = 0; at < p.steps; ++at)
            if (p.varying[p.first_step() + at]) read = read || p.step[at].first == n || p.step[at].second == n;
        return read;
    }

    void place_all() {
        const int64_t padded = tiles_of(rows) * kTile;
        double* next = long_;
        for (int64_t n = 0; n < p.values(); ++n) {
            places_[n] = {short_ + n * kTile, 0};
            if (n >= p.constants && n < p.constants + p.columns) {
                double* column = columns_ + (n - p.constants) * padded;
                for (int64_t b = 0; b < padded; ++b)  // after the last sample, once more that
                    column[b] = s.x[(n - p.constants) * rows + (b < rows ? b : rows - 1)];
                places_[n] = {column, kTile};
            } else if (n >= p.constants + p.columns && n < p.first_step()) {
                fill(n, p.number[n - p.constants - p.columns]);
            } else if (is_kept(n)) {
                places_[n] = {next, kTile};
                next += padded;
            }
        }
        for (int64_t b = 0; b < padded; ++b) root_[b] = b < rows ? s.root[b] : 0;
    }

    void fill(int64_t n, double value) {
        for (int64_t b = 0; b < kTile; ++b) places_[n].place[b] = value;
    }

    double* at(int64_t n, int64_t tile) const { return places_[n].place + tile * places_[n].advance; }

    void set_constants(const double* x) {
        for (int64_t n = 0; n < p.constants; ++n) fill(n, x[n]);
    }

    void run_fixed() {
        for (int64_t tile = 0; tile < tiles_of(rows); ++tile) run(tile, false);
    }
    void run_varying(int64_t tile) { run(tile, true); }

    void run(int64_t tile, bool varying) {
        for (int64_t n = 0; n < p.steps; ++n) {
            const int64_t to = p.first_step() + n;
            const Step& step = p.step[n];
            if (p.varying[to] == varying) operate(step.op, at(step.first, tile), at(step.second, tile), at(to, tile));
        }
    }

    double* pull_on(int64_t n, double* tile) const {
        if (!p.varying[n]) return nullptr;
        return n < p.constants ? tile + n * kTile : pulls_ + n * kTile;
    }

    // From the result's slope in itself back to those in the constants.
    template <bool Careful>
    void pull_back(int64_t tile, double* to) {
        for (int64_t n = 0; n < p.values(); ++n)
            if (double* pull = pull_on(n, to)) memset(pull, 0, kTile * sizeof(double));
        double* whole = pull_on(p.result, to);
        if (!whole) return;
        memcpy(whole, root_ + tile * kTile, kTile * sizeof(double));
        for (int64_t n = p.steps - 1; n >= 0; --n) {
            const int64_t from = p.first_step() + n;
            if (!p.varying[from]) continue;
            const Step& step = p.step[n];
            Pull<Careful>{at(step.first, tile), at(step.second, tile), at(from, tile), pull_on(from, to),
                          pull_on(step.first, to), pull_on(step.second, to)}
                .run(step.op);
        }
    }

    bool is_finite(const double* tile) const {
        double sum = 0;
        for (int64_t n = 0; n < columns * kTile; ++n) sum += tile[n] * 0;
        return sum == 0;
    }

    Program p;
    ProgramSamples s;
    char* memory_ = nullptr;
    Place* places_ = nullptr;
    double *columns_ = nullptr, *root_ = nullptr, *short_ = nullptr, *pulls_ = nullptr, *long_ = nullptr;
};

}  // namespace EDGEWISE_TARGET
}  // namespace edgewise
