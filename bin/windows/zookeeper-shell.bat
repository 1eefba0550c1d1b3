@echo off
rem Looks at ZooKeeper and changes it.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\zookeeper-shell.js" %*
exit /b %errorlevel%
