#include <cmath>
#include <numbers>

#include "base/error.h"
#include "media/log_mel.h"

namespace luthier {

namespace {

using Complex = std::complex<double>;

// The library's product checks for infinities: too slow here.
Complex product(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

Complex turned(Complex a) { return {a.imag(), -a.real()}; }  // times -i

}  // namespace

Fourier::Fourier(int length) : length_(length) {
  if (length < 1) fail(ErrorKind::internal, "a Fourier transform of no values");
  int left = length;
  for (const int radix : {4, 2, 3, 5})
    for (; left % radix == 0; left /= radix) factors_.push_back(radix);
  for (int radix = 7; left > 1; radix += 2) {
    if (std::int64_t{radix} * radix > left) radix = left;
    for (; left % radix == 0; left /= radix) factors_.push_back(radix);
  }
  twiddles_.resize(length);
  for (int k = 0; k < length; ++k) twiddles_[k] = std::polar(1.0, -2 * std::numbers::pi * k / length);
}

void Fourier::transform(const Complex* in, Complex* out) const { step(in, out, length_, 1, 0); }

// Cooley and Tukey 1965, decimation in time: the transforms of the values q, q + radix, q + 2 radix, ... are combined.
void Fourier::step(const Complex* in, Complex* out, int length, int stride, std::size_t factor) const {
  if (length == 1) {
    *out = *in;
    return;
  }
  const int radix = factors_[factor], part = length / radix;
  if (part == 1) {
    for (int q = 0; q < radix; ++q) out[q] = in[std::size_t(q) * stride];
  } else {
    for (int q = 0; q < radix; ++q)
      step(in + std::size_t(q) * stride, out + std::size_t(q) * part, part, stride * radix, factor + 1);
  }
  const Complex* w = twiddles_.data();
  if (radix == 4) {
    for (int k = 0; k < part; ++k) {
      Complex* at = out + k;
      const Complex a = at[0], b = product(at[part], w[k * stride]), c = product(at[2 * part], w[2 * k * stride]),
                    d = product(at[3 * part], w[3 * k * stride]);
      const Complex even = a + c, odd = a - c, sum = b + d, difference = turned(b - d);
      at[0] = even + sum;
      at[part] = odd + difference;
      at[2 * part] = even - sum;
      at[3 * part] = odd - difference;
    }
  } else if (radix == 2) {
    for (int k = 0; k < part; ++k) {
      const Complex a = out[k], b = product(out[k + part], w[k * stride]);
      out[k] = a + b;
      out[k + part] = a - b;
    }
  } else if (radix == 3) {
    const double s = std::numbers::sqrt3 / 2;
    for (int k = 0; k < part; ++k) {
      Complex* at = out + k;
      const Complex a = at[0], b = product(at[part], w[k * stride]), c = product(at[2 * part], w[2 * k * stride]);
      const Complex sum = b + c, middle = a - 0.5 * sum, side = s * turned(b - c);
      at[0] = a + sum;
      at[part] = middle + side;
      at[2 * part] = middle - side;
    }
  } else if (radix == 5) {
    const double c1 = std::cos(2 * std::numbers::pi / 5), c2 = std::cos(4 * std::numbers::pi / 5);
    const double s1 = std::sin(2 * std::numbers::pi / 5), s2 = std::sin(4 * std::numbers::pi / 5);
    for (int k = 0; k < part; ++k) {
      Complex* at = out + k;
      const Complex a = at[0], b = product(at[part], w[k * stride]), c = product(at[2 * part], w[2 * k * stride]),
                    d = product(at[3 * part], w[3 * k * stride]), e = product(at[4 * part], w[4 * k * stride]);
      const Complex outer = b + e, inner = c + d, outward = turned(b - e), inward = turned(c - d);
      const Complex first = a + c1 * outer + c2 * inner, second = a + c2 * outer + c1 * inner;
      const Complex first_side = s1 * outward + s2 * inward, second_side = s2 * outward - s1 * inward;
      at[0] = a + outer + inner;
      at[part] = first + first_side;
      at[2 * part] = second + second_side;
      at[3 * part] = second - second_side;
      at[4 * part] = first - first_side;
    }
  } else {
    std::vector<Complex> values(radix);
    for (int k = 0; k < part; ++k) {
      for (int q = 0; q < radix; ++q) values[q] = product(out[k + q * part], w[std::int64_t{q} * k * stride % length_]);
      for (int r = 0; r < radix; ++r) {
        Complex sum = values[0];
        for (int q = 1; q < radix; ++q) sum += product(values[q], w[std::int64_t{q} * r % radix * (length_ / radix)]);
        out[k + r * part] = sum;
      }
    }
  }
}

}  // namespace luthier
