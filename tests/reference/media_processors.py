"""What transformers' image processors make of pictures, by both of their backends (torchvision, the default, and PIL).

media_processors.py FOLDER writes IMAGE.rgb (two int32, then RGB bytes), CONFIG/preprocessor_config.json, and for each pair
CONFIG-IMAGE-torchvision.f32 and -pil.f32: three int32 (channels, height, width), then float32 values.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor

folder = Path(sys.argv[1])
random = np.random.default_rng(3)

IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
CONFIGS = {
    "vit": dict(image_processor_type="ViTImageProcessor", size={"height": 224, "width": 224}),
    "vit-old": dict(feature_extractor_type="ViTFeatureExtractor", size=96, resample=3, **IMAGENET),
    "vit-fast": dict(image_processor_type="ViTImageProcessorFast", size=[48, 64], do_normalize=False),
    "vit-raw": dict(image_processor_type="ViTImageProcessor", size=40, do_rescale=False, do_normalize=False),
    "vit-levels": dict(image_processor_type="ViTImageProcessor", size=40, do_rescale=False, image_mean=[120, 110, 100], image_std=[50, 60, 70]),
    "deit": dict(image_processor_type="DeiTImageProcessor"),
    "resnet": dict(image_processor_type="ConvNextImageProcessor", crop_pct=0.875, resample=3, size={"shortest_edge": 224}, **IMAGENET),
    "resnet-old": dict(feature_extractor_type="ConvNextFeatureExtractor", crop_pct=0.95, size=64, **IMAGENET),
    "convnext-large": dict(image_processor_type="ConvNextImageProcessor", size={"shortest_edge": 384}),
    "bit": dict(image_processor_type="BitImageProcessor", size={"shortest_edge": 60}, crop_size={"height": 56, "width": 56}),
    "bit-padded": dict(image_processor_type="BitImageProcessor", size={"shortest_edge": 40}, crop_size={"height": 57, "width": 51}),
    "clip": dict(image_processor_type="CLIPImageProcessor"),
    "siglip": dict(image_processor_type="SiglipImageProcessor", size={"height": 70, "width": 50}),
    "beit": dict(image_processor_type="BeitImageProcessor", do_center_crop=True, crop_size=200),
    "efficientnet": dict(image_processor_type="EfficientNetImageProcessor", size={"height": 120, "width": 120}, resample=0, **IMAGENET),
    "efficientnet-offset": dict(
        image_processor_type="EfficientNetImageProcessor", size={"height": 90, "width": 90}, rescale_offset=True,
        rescale_factor=1 / 127.5, include_top=False, do_center_crop=True, crop_size={"height": 80, "width": 81}, **IMAGENET),
    "efficientnet-top": dict(image_processor_type="EfficientNetImageProcessor", do_normalize=False, resample=2),
    "vit-lanczos": dict(image_processor_type="ViTImageProcessor", size=64, resample=1),
    "vit-box": dict(image_processor_type="ViTImageProcessor", size=64, resample=4),
    "vit-hamming": dict(image_processor_type="ViTImageProcessor", size=64, resample=5),
}


def scene(width, height):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 80 * np.sin(x / 9 + c) + 40 * np.cos(y / 7 * (c + 1)) + 60 * (x + y > (width + height) / 2) for c in range(3)]
    return np.clip(np.stack(planes, -1) + random.normal(0, 9, (height, width, 3)), 0, 255).astype(np.uint8)


images = {f"{w}x{h}": Image.fromarray(scene(w, h)) for w, h in [(201, 150), (33, 97), (400, 300), (64, 64)]}
for name, image in images.items():
    (folder / f"{name}.rgb").write_bytes(struct.pack("<ii", *image.size) + image.tobytes())
for config, content in CONFIGS.items():
    path = folder / config / "preprocessor_config.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    for backend in ("torchvision", "pil"):
        if content.get("resample") in (4, 5) and backend == "torchvision":
            continue  # it has no such filters
        processor = AutoImageProcessor.from_pretrained(path.parent, backend=backend)
        assert processor.backend == backend, processor
        for name, image in images.items():
            values = np.asarray(processor(image, return_tensors="np")["pixel_values"][0], dtype=np.float32)
            (folder / f"{config}-{name}-{backend}.f32").write_bytes(struct.pack("<iii", *values.shape) + values.tobytes())
