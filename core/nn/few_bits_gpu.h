#pragma once
// Weights in few bits become numbers on a GPU by a kernel of ours (few_bits_kernel.inc) that is compiled when it is
// first needed, by NVRTC, which comes with every CUDA build of LibTorch.
#include "nn/quantised.h"

namespace luthier::nn {

/// The kernel's text, in CUDA C++.
const char* few_bits_kernel_text();

/// The weight's numbers [out, in] as `type` (fp32, bf16) on its GPU. Undefined where there is no such kernel: on other
/// devices, for other types, without NVRTC, and after the kernel did not give the processor's bits in a test of its
/// own, which it must pass once on every GPU.
Tensor dequantised_by_kernel(const QuantisedWeight& weight, at::ScalarType type);

/// One row x [1, in] (fp32, bf16) times the weight's transpose [1, out] in x's type, summed in fp32, without the
/// weight's numbers being written: what a model that writes token by token needs. Undefined where dequantised_by_kernel
/// is, and for more rows.
Tensor row_times_weight(const Tensor& x, const QuantisedWeight& weight);

}  // namespace luthier::nn
