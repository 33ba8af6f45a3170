"""A Modbus slave made of pymodbus alone: somebody else's idea of the protocol.

    python3 pymodbus_slave.py socket|rtu

Listens on a free port of 127.0.0.1, with frames of Modbus TCP or of RTU, and prints "ready PORT". Units
0, 1, 247 and 255, each with four tables of 4000 places; input register i holds i ^ 0x5555, discrete
input i whether 3 divides i.
"""

import asyncio
import logging
import sys

from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

PLACES = 4000
identity = ModbusDeviceIdentification(
    info_name={
        "VendorName": "Somebody Else",
        "ProductCode": "SE-4",
        "MajorMinorRevision": "1.2.3",
        "VendorUrl": "https://example.org/" + "x" * 120,
        "ProductName": "Four tables " + "y" * 120,
        "ModelName": "of four thousand places",
    }
)


def device(unit: int) -> SimDevice:
    return SimDevice(
        id=unit,
        simdata=(
            [SimData(0, values=[False] * PLACES, datatype=DataType.BITS)],
            [SimData(0, values=[i % 3 == 0 for i in range(PLACES)], datatype=DataType.BITS)],
            [SimData(0, count=PLACES, values=0, datatype=DataType.REGISTERS)],
            [SimData(0, values=[i ^ 0x5555 for i in range(PLACES)], datatype=DataType.REGISTERS)],
        ),
        identity=identity,
        use_bit_addressing=True,
    )


async def main() -> None:
    logging.disable(logging.CRITICAL)
    server = ModbusTcpServer(
        [device(unit) for unit in (0, 1, 247, 255)],
        framer=FramerType(sys.argv[1]),
        address=("127.0.0.1", 0),
        identity=identity,
    )
    serving = asyncio.create_task(server.serve_forever())
    while not getattr(server, "transport", None) or not server.transport.sockets:
        await asyncio.sleep(0.01)
    print("ready", server.transport.sockets[0].getsockname()[1], flush=True)
    await serving


asyncio.run(main())
