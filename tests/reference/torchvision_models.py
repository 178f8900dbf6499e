"""State dicts spelled as torchvision spells them, with what the networks compute.

usage: torchvision_models.py OUT

torchvision itself need not be there: the networks are written down again from their papers, with torchvision's layout
and names. OUT gets <name>.pth (torch.save) and <name>.safetensors (inputs "pixel_values" and the expected "logits")
for resnet18, resnet50 (narrow), efficientnet_b0 and a small ViT.
"""

import os
import sys

import torch
from safetensors.torch import save_file
from torch import nn


class Residual(nn.Module):
    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = width * 4 if bottleneck else width
        self.bottleneck = bottleneck
        if bottleneck:
            self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
            self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
            self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        else:
            self.conv1, self.bn1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
            self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(torch.relu(y)))
        return torch.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, depths, width, bottleneck, labels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        inputs = width
        for stage, depth in enumerate(depths):
            layers = []
            for i in range(depth):
                layers.append(Residual(inputs, width << stage, 2 if stage > 0 and i == 0 else 1, bottleneck))
                inputs = (width << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, labels)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


def convolution(inputs, outputs, kernel, stride=1, groups=1, act=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
              nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([nn.SiLU()] if act else []))


class SqueezeExcite(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        y = nn.functional.silu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(y))


class MBConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        inner = inputs * expansion
        parts = [convolution(inputs, inner, 1)] if expansion != 1 else []
        parts += [convolution(inner, inner, kernel, stride, inner), SqueezeExcite(inner, max(1, inputs // 4)),
                  convolution(inner, outputs, 1, act=False)]
        self.block = nn.Sequential(*parts)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.block(x) if self.adds else self.block(x)


class EfficientNetB0(nn.Module):
    def __init__(self, labels):
        super().__init__()
        stages = [(32, 16, 3, 1, 1, 1), (16, 24, 3, 2, 6, 2), (24, 40, 5, 2, 6, 2), (40, 80, 3, 2, 6, 3),
                  (80, 112, 5, 1, 6, 3), (112, 192, 5, 2, 6, 4), (192, 320, 3, 1, 6, 1)]
        features = [convolution(3, 32, 3, 2)]
        for inputs, outputs, kernel, stride, expansion, depth in stages:
            features.append(nn.Sequential(*[
                MBConv(inputs if i == 0 else outputs, outputs, kernel, stride if i == 0 else 1, expansion)
                for i in range(depth)]))
        features.append(convolution(320, 1280, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, labels))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class EncoderBlock(nn.Module):
    def __init__(self, channels, heads, inner):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(channels, 1e-6), nn.LayerNorm(channels, 1e-6)
        self.self_attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.mlp = nn.Sequential()
        self.mlp.add_module("linear_1", nn.Linear(channels, inner))
        self.mlp.add_module("gelu", nn.GELU())
        self.mlp.add_module("linear_2", nn.Linear(inner, channels))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.self_attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Vit(nn.Module):
    def __init__(self, side, patch, channels, heads, depth, inner, labels):
        super().__init__()
        self.class_token = nn.Parameter(torch.randn(1, 1, channels))
        self.conv_proj = nn.Conv2d(3, channels, patch, patch)
        self.encoder = nn.Module()
        self.encoder.pos_embedding = nn.Parameter(torch.randn(1, (side // patch) ** 2 + 1, channels))
        self.encoder.layers = nn.Sequential()
        for i in range(depth):
            self.encoder.layers.add_module(f"encoder_layer_{i}", EncoderBlock(channels, heads, inner))
        self.encoder.ln = nn.LayerNorm(channels, 1e-6)
        self.heads = nn.Sequential()
        self.heads.add_module("head", nn.Linear(channels, labels))

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.encoder.pos_embedding
        return self.heads(self.encoder.ln(self.encoder.layers(x))[:, 0])


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    torch.manual_seed(5)
    os.makedirs(words[0], exist_ok=True)
    cases = {"resnet18": (ResNet([2, 2, 2, 2], 8, False, 7), 64), "resnet50": (ResNet([3, 4, 6, 3], 8, True, 5), 64),
             "efficientnet_b0": (EfficientNetB0(6), 64), "vit": (Vit(32, 8, 128, 2, 2, 192, 4), 32)}
    for name, (model, side) in cases.items():
        with torch.no_grad():
            for key, tensor in model.state_dict().items():
                if key.endswith("running_mean"):
                    tensor.add_(torch.randn_like(tensor) * 0.1)
                elif key.endswith("running_var"):
                    tensor.mul_(torch.rand_like(tensor) + 0.5)
                elif tensor.is_floating_point():
                    tensor.add_(torch.randn_like(tensor) * 0.02)
            pixels = torch.randn(2, 3, side, side)
            logits = model.eval()(pixels)
        torch.save(model.state_dict(), os.path.join(words[0], name + ".pth"))
        save_file({"pixel_values": pixels, "logits": logits}, os.path.join(words[0], name + ".safetensors"))


if __name__ == "__main__":
    main(sys.argv[1:])
