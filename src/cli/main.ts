#!/usr/bin/env node
import about from '#package.json' with { type: 'json' };

console.log(about.version);
