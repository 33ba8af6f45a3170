"""One training step of the same LSTM autoencoder in PyTorch, denormals flushed; samples a second of CPU time."""
import json
import sys
import time

import torch

given = json.load(sys.stdin)
torch.set_num_threads(given["threads"])
torch.set_flush_denormal(True)
channels, window, hidden, bottleneck, batch = (
    given[key] for key in ("channels", "window", "hidden", "bottleneck", "batch")
)


class Autoencoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.LSTM(channels, hidden, batch_first=True)
        self.latent = torch.nn.Linear(hidden, bottleneck)
        self.decoder = torch.nn.LSTM(bottleneck, hidden, batch_first=True)
        self.output = torch.nn.Linear(hidden, channels)

    def forward(self, x):
        _, (last, _) = self.encoder(x)
        repeated = self.latent(last[0]).unsqueeze(1).expand(-1, window, -1)
        states, _ = self.decoder(repeated)
        return self.output(states)


model = Autoencoder()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(batch, window, channels)


def step():
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), x)
    loss.backward()
    optimizer.step()


step()
started = time.process_time()
for _ in range(given["steps"]):
    step()
seconds = time.process_time() - started
json.dump(
    {
        "version": f"PyTorch {torch.__version__}",
        "samplesPerSecond": given["steps"] * batch / seconds,
    },
    sys.stdout,
)
