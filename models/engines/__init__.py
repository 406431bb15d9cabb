"""Ways to run one module behind the same call: eager, compiled, ONNX Runtime, TensorRT."""
