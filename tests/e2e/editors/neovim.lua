-- A session in a real Neovim: open a file, hover, apply a quick fix, and tell as JSON what the user would see.
-- Input in $EDITOR_SESSION: cmd (list), root, file, fix_line and hover_line (1-based), hover_column (0-based); setup
-- (Lua that starts the server, optional); saves (true: save the file at the end, which fixes again what an undo broke).
local session = vim.fn.json_decode(vim.env.EDITOR_SESSION)
local out = { messages = {} }
local PATIENCE, CALM = 20000, 700

local function clients()
  return vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()
end

local function finish(code)
  for _, client in ipairs(clients()) do
    if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
  end
  vim.wait(5000, function() return out.server_exit ~= nil or session.setup and #clients() == 0 end, 20)
  io.stdout:write(vim.fn.json_encode(out) .. '\n')
  io.stdout:flush()
  vim.cmd('cquit ' .. code)
end

local show = vim.lsp.handlers['window/showMessage']
vim.lsp.handlers['window/showMessage'] = function(err, result, ...)
  table.insert(out.messages, result.message)
  return show(err, result, ...)
end

-- Starts the server as a page of the documentation says, or as an old Neovim must.
local function start(buffer)
  if session.setup then
    assert((loadstring or load)(session.setup))()
    vim.bo[buffer].filetype = 'python'
    vim.wait(PATIENCE, function() return #clients() > 0 end, 20)
    return clients()[1] and clients()[1].id
  end
  vim.bo.filetype = 'python'
  local config = {
    name = 'shearpin',
    cmd = session.cmd,
    root_dir = session.root,
    workspace_folders = { { uri = vim.uri_from_fname(session.root), name = 'system' } },
    capabilities = vim.lsp.protocol.make_client_capabilities(),
    on_exit = function(code) out.server_exit = code end,
  }
  if vim.lsp.start then return vim.lsp.start(config, { bufnr = buffer }) end
  local id = vim.lsp.start_client(config) -- before 0.8
  vim.lsp.buf_attach_client(buffer, id)
  return id
end

vim.o.hidden = true
vim.cmd('edit ' .. vim.fn.fnameescape(session.file))
local buffer = vim.api.nvim_get_current_buf()
local id = start(buffer)
if not id then
  out.error = 'no client was started'
  finish(1)
end
local client
vim.wait(PATIENCE, function()
  client = vim.lsp.get_client_by_id(id)
  return client and (client.initialized or client.resolved_capabilities ~= nil) and client.server_capabilities ~= nil
end, 20)
if not (client and client.server_capabilities) then
  out.error = 'no answer to initialize'
  finish(1)
end

local function wait_until(fits)
  vim.wait(PATIENCE, fits, 20)
  local last, since = nil, vim.loop.now()
  vim.wait(PATIENCE, function()
    local now = vim.fn.json_encode(vim.tbl_map(function(one) return { one.lnum, one.message } end, vim.diagnostic.get(buffer)))
    if now ~= last then last, since = now, vim.loop.now() end
    return vim.loop.now() - since >= CALM
  end, 20)
end

local function seen()
  local list = {}
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    local raw = one.user_data and one.user_data.lsp or {}
    table.insert(list, { line = one.lnum + 1, column = one.col + 1, code = one.code or raw.code, message = one.message })
  end
  return list
end

local function request(method, params)
  local reply
  local function took(err, result) reply = { err = err, result = result } end
  if vim.fn.has('nvim-0.11') == 1 then client:request(method, params, took, buffer) else client.request(method, params, took, buffer) end
  vim.wait(PATIENCE, function() return reply ~= nil end, 10)
  if not reply or reply.err then
    out.error = method .. ': ' .. (reply and reply.err.message or 'no answer')
    finish(1)
  end
  return reply.result ~= vim.NIL and reply.result or nil
end

wait_until(function() return #vim.diagnostic.get(buffer) > 0 end)
out.encoding = client.offset_encoding
out.before = seen()
local document = { uri = vim.uri_from_bufnr(buffer) }

local hover = request('textDocument/hover', {
  textDocument = document, position = { line = session.hover_line - 1, character = session.hover_column },
})
out.hover = hover and vim.lsp.util.convert_input_to_markdown_lines(hover.contents) or {}

local row = { line = session.fix_line - 1, character = 0 }
local raw = {}
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  table.insert(raw, one.user_data and one.user_data.lsp and one.user_data.lsp.range and one.user_data.lsp or nil)
end
local actions = request('textDocument/codeAction', {
  textDocument = document,
  range = { start = row, ['end'] = { line = row.line, character = 200 } },
  context = { diagnostics = raw },
}) or {}
out.actions = vim.tbl_map(function(action) return action.title end, actions)
local action = actions[1]
if action and not action.edit then action = request('codeAction/resolve', action) end
if action and action.edit then
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding or 'utf-16')
  wait_until(function() return #vim.diagnostic.get(buffer) == 0 end)
end
out.after = seen()
if session.saves then
  vim.cmd('silent undo')
  wait_until(function() return #vim.diagnostic.get(buffer) > 0 end)
  vim.cmd('silent write')
end
out.text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n'
finish(0)
