"""A typed program over a hub: how bad was 2008, and how nervous was the market then? Takes the endpoint as its argument.

    PYTHONPATH=generated/python python examples/python/ask_the_market.py http://127.0.0.1:8080/mcp
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from decimal import Decimal

from integration_hub_client import HubArgsInvalid, HubClient, HubToolUnknown

SYMBOL = '^GSPC'


async def main(endpoint: str) -> None:
    async with HubClient(endpoint) as hub:
        candles = await hub.market.latest_candles(symbol=SYMBOL, limit=2)
        for candle in candles.rows or []:
            print(f'{candle.timestamp:%Y-%m-%d} closed at {Decimal(candle.close):.2f}')

        # Two questions at once: each call is a request of its own.
        window = (date(2007, 10, 1), date(2009, 12, 31))
        fall, nerves = await asyncio.gather(
            hub.market.drawdown(symbol=SYMBOL, from_=window[0], to=window[1]),
            hub.market.volatility(symbol=SYMBOL, from_=window[0], to=window[1]),
        )
        [deepest] = fall.rows
        print(f'fell by {-Decimal(deepest.drawdown):.1%} from {deepest.peakAt:%Y-%m-%d} to {deepest.troughAt:%Y-%m-%d}')
        print(f'moved by {Decimal(nerves.rows[0].perYear):.1%} a year')

        # Errors are classes, one a code.
        try:
            await hub.market.latest_candles(symbol=SYMBOL, limit=0)
        except HubArgsInvalid as error:
            print(f'refused before it was sent: {error.message}')
        try:
            await hub.call_tool('market_latest_candels', {'symbol': SYMBOL})
        except HubToolUnknown as error:
            print(f'refused by the hub: {error.message}')


if __name__ == '__main__':
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else 'http://127.0.0.1:8080/mcp'))
